using Inference.Models;
using Inference.Models.Lora;
using Inference.Tensors;

namespace Inference.TestSupport;

/// <summary>One sequence in a cache of its own: feeds tokens to a model and reads the logits of the last.</summary>
public sealed class ModelSequence : IDisposable
{
    private readonly ICausalModel _model;
    private readonly KvCache _cache;
    private readonly int[] _blocks;
    private readonly Readback _logits;
    private readonly AdapterWeights? _adapter;
    private int _length;

    /// <summary>Room for <paramref name="capacity"/> tokens, in blocks that are taken from the cache's end backwards.</summary>
    public ModelSequence(ICausalModel model, int capacity, int blockLength = 16, DType type = DType.F32, AdapterWeights? adapter = null)
    {
        _adapter = adapter;
        _model = model;
        int count = (capacity + blockLength - 1) / blockLength;
        _cache = model.CreateKvCache(count, blockLength, type);
        _blocks = [.. Enumerable.Range(0, count).Reverse()];
        _logits = model.CreateLogits(1);
    }

    /// <summary>Feeds tokens, at most <paramref name="chunk"/> a step. The logits of the last one.</summary>
    public float[] Feed(ReadOnlySpan<int> ids, int chunk = int.MaxValue)
    {
        while (ids.Length > 0)
        {
            int count = Math.Min(chunk, ids.Length);
            int[] positions = [.. Enumerable.Range(_length, count)];
            ForwardBatch batch = new()
            {
                TokenIds = ids[..count].ToArray(),
                Positions = positions,
                Slots = Array.ConvertAll(positions, p => (_blocks[p / _cache.BlockLength] * _cache.BlockLength) + (p % _cache.BlockLength)),
                Slices = [new AttentionSlice(0, count, _length, _blocks)],
                LogitRows = count == ids.Length ? [count - 1] : [],
                Adapters = _adapter is null ? [] : [new AdapterRows(_adapter, [.. Enumerable.Range(0, count)])],
            };
            _model.Forward(batch, _cache, _logits.Rows(1));
            _length += count;
            ids = ids[count..];
        }

        _logits.Begin();
        return _logits.End().Span.ToArray();
    }

    /// <summary>Feeds a prompt, then the most probable token each time: <paramref name="steps"/> tokens.</summary>
    public int[] Greedy(ReadOnlySpan<int> prompt, int steps, int chunk = int.MaxValue)
    {
        int[] generated = new int[steps];
        float[] logits = Feed(prompt, chunk);
        for (int i = 0; i < steps; i++)
        {
            generated[i] = Array.IndexOf(logits, logits.Max());
            logits = i + 1 < steps ? Feed([generated[i]]) : logits;
        }

        return generated;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache.Dispose();
        _logits.Dispose();
    }
}
