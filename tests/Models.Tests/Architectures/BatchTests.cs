using Inference.Models.Architectures;
using Inference.Tensors;
using Inference.TestSupport;

namespace Inference.Models.Tests.Architectures;

/// <summary>A sequence's logits have the same bits, however its tokens are cut into steps, paged, and batched with others.</summary>
public sealed class BatchTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("llama", DType.F32, 7, 16)]
    [InlineData("llama", DType.F32, 1, 16)]
    [InlineData("llama", DType.Q8_0, 7, 5)]
    [InlineData("llama", DType.BF16, 16, 64)]
    [InlineData("qwen2", DType.F32, 7, 1)]
    [InlineData("qwen2", DType.Q4_0, 40, 3)]
    [InlineData("mistral", DType.F32, 7, 5)]
    [InlineData("mixtral", DType.F32, 7, 5)]
    [InlineData("mixtral", DType.Q8_0, 5, 16)]
    [InlineData("smollm3", DType.BF16, 9, 16)]
    [InlineData("qwen3", DType.BF16, 1, 16)]
    [InlineData("qwen3_moe", DType.BF16, 3, 4)]
    [InlineData("phi3", DType.F32, 7, 16)]
    [InlineData("gemma2", DType.F32, 4, 3)]
    [InlineData("gemma3_text", DType.Q8_0, 1, 16)]
    [InlineData("olmo2", DType.F32, 7, 16)]
    [InlineData("olmo3", DType.BF16, 10, 4)]
    public void Chunks_and_block_lengths_do_not_change_a_bit(string architecture, DType type, int chunk, int blockLength)
    {
        using IBackend backend = Backends.Create("cpu");
        using ICausalModel model = Load(architecture, type, backend);
        int[] prompt = TinyModels.Prompt(41);
        using ModelSequence whole = new(model, capacity: 64);
        using ModelSequence cut = new(model, capacity: 64, blockLength);

        Assert.Equal(whole.Feed(prompt), cut.Feed(prompt, chunk));
        Assert.Equal(whole.Feed([3]), cut.Feed([3]));
    }

    [Theory]
    [InlineData("reference", "llama", DType.F32)]
    [InlineData("cpu", "llama", DType.F32)]
    [InlineData("cpu", "llama", DType.Q8_0)]
    [InlineData("cpu", "qwen2", DType.BF16)]
    [InlineData("reference", "mixtral", DType.F32)]
    [InlineData("cpu", "mistral", DType.F32)]
    [InlineData("cpu", "mixtral", DType.F32)]
    [InlineData("cpu", "qwen3_moe", DType.Q8_0)]
    [InlineData("cpu", "phi3", DType.BF16)]
    [InlineData("cpu", "gemma2", DType.F32)]
    [InlineData("cpu", "gemma3_text", DType.F32)]
    [InlineData("cpu", "olmo2", DType.Q8_0)]
    public void Prefill_chunks_and_decode_rows_in_one_step_give_each_sequence_its_own_bits(string backendName, string architecture, DType type)
    {
        using IBackend backend = Backends.Create(backendName);
        using ICausalModel model = Load(architecture, type, backend);
        int[][] prompts = [TinyModels.Prompt(9), TinyModels.Prompt(23)[4..], [200], TinyModels.Prompt(30)[7..]];
        float[][] alone = Array.ConvertAll(prompts, prompt =>
        {
            using ModelSequence sequence = new(model, capacity: 32);
            return sequence.Feed(prompt);
        });

        // Sequence i owns the blocks i, i + 4, i + 8 ... The first step brings all but the last token of the first two
        // sequences; the second step decodes these and prefills the others.
        using KvCache cache = model.CreateKvCache(blockCount: 32, blockLength: 4);
        using Tensor logits = Tensor.Allocate(4, model.Config.VocabularySize);
        model.Forward(Batch(cache, [(0, prompts[0][..^1], 0), (1, prompts[1][..^1], 0)], withLogits: false), cache, logits);
        model.Forward(
            Batch(cache, [(0, prompts[0][^1..], prompts[0].Length - 1), (2, prompts[2], 0), (3, prompts[3], 0), (1, prompts[1][^1..], prompts[1].Length - 1)], withLogits: true),
            cache, logits);

        Assert.Equal(alone[0], logits.ReadRow(0));
        Assert.Equal(alone[2], logits.ReadRow(1));
        Assert.Equal(alone[3], logits.ReadRow(2));
        Assert.Equal(alone[1], logits.ReadRow(3));
    }

    [Fact]
    public void A_position_beyond_the_context_is_refused()
    {
        using IBackend backend = Backends.Create("cpu");
        using ICausalModel model = Load("llama", DType.F32, backend);
        using ModelSequence sequence = new(model, capacity: 300);
        sequence.Feed(TinyModels.Prompt(256));

        ArgumentException refusal = Assert.Throws<ArgumentException>(() => sequence.Feed([1]));

        Assert.Contains("position 256 is beyond the context of 256 tokens", refusal.Message);
    }

    private static ForwardBatch Batch(KvCache cache, (int Sequence, int[] Ids, int First)[] parts, bool withLogits)
    {
        List<int> ids = [], positions = [], slots = [], logitRows = [];
        List<AttentionSlice> slices = [];
        foreach ((int sequence, int[] tokens, int first) in parts)
        {
            int[] blocks = [.. Enumerable.Range(0, 8).Select(i => (i * 4) + sequence)];
            slices.Add(new AttentionSlice(ids.Count, tokens.Length, first, blocks));
            for (int i = 0; i < tokens.Length; i++)
            {
                ids.Add(tokens[i]);
                positions.Add(first + i);
                slots.Add((blocks[(first + i) / cache.BlockLength] * cache.BlockLength) + ((first + i) % cache.BlockLength));
            }

            logitRows.Add(ids.Count - 1);
        }

        return new ForwardBatch
        {
            TokenIds = [.. ids],
            Positions = [.. positions],
            Slots = [.. slots],
            Slices = [.. slices],
            LogitRows = withLogits ? [.. logitRows] : [],
        };
    }

    private ICausalModel Load(string architecture, DType type, IBackend backend)
    {
        string path = _directory.File("m.gguf");
        RandomModel.WriteGguf(path, TinyModels.Of(architecture), type, TinyModels.Seed);
        return ArchitectureRegistry.Load(path, backend);
    }
}
