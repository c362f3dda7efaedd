using Inference.Tensors;

namespace Inference.Models.Lora;

/// <summary>An adapter made ready for one base model (<see cref="ICausalModel.Bind"/>). It owns the adapter and its map.</summary>
public sealed class AdapterWeights : IDisposable
{
    private readonly LoraAdapter _adapter;
    private readonly LowRankWeight?[] _parts;

    internal AdapterWeights(LoraAdapter adapter, LowRankWeight?[] parts)
    {
        (_adapter, _parts) = (adapter, parts);
        ByteLength = adapter.ByteLength + parts.Sum(part => part?.AllocatedBytes ?? 0);
    }

    /// <summary>Of the adapter's files: <see cref="LoraAdapter.ContentHash"/>.</summary>
    public string ContentHash => _adapter.ContentHash;

    /// <summary>Ranks, scales, targets.</summary>
    public LoraConfig Config => _adapter.Config;

    /// <summary>Bytes of the map and of what was made from it.</summary>
    public long ByteLength { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (LowRankWeight? part in _parts)
        {
            part?.Dispose();
        }

        _adapter.Dispose();
    }

    /// <summary>The change of a layer by its number in <see cref="AdaptableLayers"/>, or null.</summary>
    internal LowRankWeight? Part(int layer) => _parts[layer];
}
