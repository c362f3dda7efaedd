using Inference.Tensors;

namespace Inference.Models.Lora;

/// <summary>
/// An adapter made ready for one base model (<see cref="ICausalModel.Bind"/>): copies of its tensors as the model multiplies them. The
/// files are closed.
/// </summary>
public sealed class AdapterWeights : IDisposable
{
    private readonly LowRankWeight?[] _parts;
    private readonly LowRankParts?[] _together;
    private readonly LowRankBlock _block;

    internal AdapterWeights(LoraAdapter adapter, LowRankWeight?[] parts, LowRankBlock block)
    {
        (ContentHash, Config, _parts, _block) = (adapter.ContentHash, adapter.Config, parts, block);
        _together = new LowRankParts?[parts.Length];
        ByteLength = parts.Sum(part => part?.ByteLength ?? 0);
    }

    /// <summary>Of the adapter's files: <see cref="LoraAdapter.ContentHash"/>.</summary>
    public string ContentHash { get; }

    /// <summary>Ranks, scales, targets.</summary>
    public LoraConfig Config { get; }

    /// <summary>Bytes in memory.</summary>
    public long ByteLength { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.ForEach(_parts, part => part?.Dispose());
        _block.Dispose();
    }

    /// <summary>The changes of layers by their numbers in <see cref="AdaptableLayers"/>, which have one input; null where there is none.</summary>
    internal LowRankParts? Parts(int first, int count)
    {
        if (_together[first] is { } known)
        {
            return known;
        }

        ReadOnlySpan<LowRankWeight?> parts = _parts.AsSpan(first, count);
        foreach (LowRankWeight? part in parts)
        {
            if (part is not null)
            {
                return _together[first] = new LowRankParts(parts);
            }
        }

        return null;
    }
}
