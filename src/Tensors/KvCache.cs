namespace Inference.Tensors;

/// <summary>
/// Keys and values of all layers in pages ("blocks") of <see cref="BlockLength"/> tokens.
/// Per layer, K and V are [BlockCount * BlockLength, KvHeadCount * HeadDimension]; token slot = block * BlockLength + offset.
/// </summary>
public sealed class KvCache : IDisposable
{
    /// <summary>Allocates the cache.</summary>
    /// <param name="layerCount">Number of layers.</param>
    /// <param name="blockCount">Number of blocks, shared by all sequences.</param>
    /// <param name="blockLength">Tokens in a block.</param>
    /// <param name="kvHeadCount">Number of key/value heads.</param>
    /// <param name="headDimension">Elements in a head.</param>
    /// <param name="type">F32, F16 or BF16.</param>
    public KvCache(int layerCount, int blockCount, int blockLength, int kvHeadCount, int headDimension, DType type = DType.F32)
    {
        if (type is not (DType.F32 or DType.F16 or DType.BF16))
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "the KV cache is stored as F32, F16 or BF16");
        }

        BlockCount = blockCount;
        BlockLength = blockLength;
        KvHeadCount = kvHeadCount;
        HeadDimension = headDimension;
        Keys = new Tensor[layerCount];
        Values = new Tensor[layerCount];
        for (int layer = 0; layer < layerCount; layer++)
        {
            Keys[layer] = Tensor.Allocate(checked(blockCount * blockLength), kvHeadCount * headDimension, type);
            Values[layer] = Tensor.Allocate(checked(blockCount * blockLength), kvHeadCount * headDimension, type);
        }
    }

    /// <summary>Number of blocks.</summary>
    public int BlockCount { get; }

    /// <summary>Tokens in a block.</summary>
    public int BlockLength { get; }

    /// <summary>Number of key/value heads.</summary>
    public int KvHeadCount { get; }

    /// <summary>Elements in a head.</summary>
    public int HeadDimension { get; }

    /// <summary>Keys by layer.</summary>
    public Tensor[] Keys { get; }

    /// <summary>Values by layer.</summary>
    public Tensor[] Values { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in Keys.Concat(Values))
        {
            tensor.Dispose();
        }
    }
}
