using Inference.Models;
using Inference.Tensors;

namespace Inference.Generation.Tests;

/// <summary>
/// A model whose logits are a hash of the whole prefix, read back from the KV cache: a wrong block, slot or position
/// changes them. Its keys are the token ids.
/// </summary>
internal sealed class ToyModel(int contextLength = 512) : ICausalModel
{
    /// <summary>Changes the logits of a row, given the prefix.</summary>
    public Action<int[], Span<float>>? OnLogits { get; set; }

    /// <summary>Runs before each step.</summary>
    public Action<ForwardBatch>? OnForward { get; set; }

    public ModelConfig Config { get; } = new()
    {
        Architecture = "toy",
        VocabularySize = ToyTokenizer.VocabularySize,
        ContextLength = contextLength,
        HiddenSize = 4,
        IntermediateSize = 4,
        LayerCount = 1,
        HeadCount = 1,
        KvHeadCount = 1,
        HeadDimension = 4,
        EosTokenIds = [ToyTokenizer.Eos],
    };

    public long WeightBytes { get; init; }

    public KvCache CreateKvCache(int blockCount, int blockLength, DType type = DType.F32) => new HostKvCache(1, blockCount, blockLength, 1, 4, type);

    public void Forward(ForwardBatch batch, KvCache cache, Tensor logits)
    {
        OnForward?.Invoke(batch);
        HostKvCache host = (HostKvCache)cache;
        for (int row = 0; row < batch.TokenIds.Length; row++)
            host.Write(0, batch.Slots[row], [batch.TokenIds[row], 0, 0, 0], new float[4]);
        for (int i = 0; i < batch.LogitRows.Length; i++)
        {
            int row = batch.LogitRows[i];
            AttentionSlice slice = batch.Slices.First(s => row >= s.FirstRow && row < s.FirstRow + s.RowCount);
            int[] prefix = new int[slice.FirstPosition + row - slice.FirstRow + 1];
            for (int p = 0; p < prefix.Length; p++)
                prefix[p] = (int)host.ReadKey(0, (slice.BlockTable.Span[p / cache.BlockLength] * cache.BlockLength) + (p % cache.BlockLength))[0];
            Fill(prefix, logits.Row(i));
            OnLogits?.Invoke(prefix, logits.Row(i));
        }
    }

    public void Dispose()
    {
    }

    private static void Fill(int[] prefix, Span<float> logits)
    {
        uint hash = 2166136261;
        foreach (int token in prefix)
            hash = (hash ^ (uint)token) * 16777619;
        for (int i = 0; i < logits.Length; i++)
        {
            hash ^= hash << 13;
            hash ^= hash >> 17;
            hash ^= hash << 5;
            logits[i] = (hash >> 8) / (float)(1 << 24) * 8;
        }

        logits[ToyTokenizer.Eos] = -8;
    }
}
