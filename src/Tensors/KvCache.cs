namespace Inference.Tensors;

/// <summary>
/// Keys and values of all layers in pages ("blocks") of <see cref="BlockLength"/> tokens; slot = block * BlockLength + offset. How they lie in memory,
/// and in whose, is the backend's that made it (<see cref="IBackend.CreateKvCache"/>) and is the one to use it.
/// </summary>
public abstract class KvCache : IDisposable
{
    /// <summary>Checks the numbers.</summary>
    /// <param name="layerCount">Number of layers.</param>
    /// <param name="blockCount">Number of blocks, shared by all sequences.</param>
    /// <param name="blockLength">Tokens in a block.</param>
    /// <param name="kvHeadCount">Number of key/value heads.</param>
    /// <param name="headDimension">Elements in a head.</param>
    /// <param name="type">
    /// F32; F16 (to nearest even, at most ±65,504); BF16 (to nearest even); or Q8_0: signed bytes (to nearest even) with a
    /// scale in F32, the largest magnitude / 127, for each 32 elements of a head.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1, or the type is none of these.</exception>
    protected KvCache(int layerCount, int blockCount, int blockLength, int kvHeadCount, int headDimension, DType type)
    {
        if (!Supports(type))
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "the KV cache is stored as F32, F16, BF16 or Q8_0");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(layerCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(blockCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(blockLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(kvHeadCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(headDimension, 1);
        (Type, LayerCount, BlockCount, BlockLength, KvHeadCount, HeadDimension) = (type, layerCount, blockCount, blockLength, kvHeadCount, headDimension);
    }

    /// <summary>The number format.</summary>
    public DType Type { get; }

    /// <summary>Number of layers.</summary>
    public int LayerCount { get; }

    /// <summary>Number of blocks.</summary>
    public int BlockCount { get; }

    /// <summary>Tokens in a block.</summary>
    public int BlockLength { get; }

    /// <summary>Number of key/value heads.</summary>
    public int KvHeadCount { get; }

    /// <summary>Elements in a head.</summary>
    public int HeadDimension { get; }

    /// <summary>Whether a cache can be stored in a format.</summary>
    public static bool Supports(DType type) => type is DType.F32 or DType.F16 or DType.BF16 or DType.Q8_0;

    /// <summary>The keys of tokens for the host, [kvHeads * headDimension] each, exactly what the stored numbers mean; on a device this waits.</summary>
    public abstract float[][] ReadKeys(int layer, ReadOnlySpan<int> slots);

    /// <inheritdoc/>
    public abstract void Dispose();
}
