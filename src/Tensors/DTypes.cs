namespace Inference.Tensors;

/// <summary>Sizes of the number formats.</summary>
public static class DTypes
{
    /// <summary>Elements in the smallest unit that can be stored.</summary>
    public static int BlockLength(this DType type) => type switch
    {
        DType.F32 or DType.F16 or DType.BF16 => 1,
        DType.Q4_K or DType.Q5_K or DType.Q6_K => 256,
        _ => 32,
    };

    /// <summary>Bytes of the smallest unit that can be stored.</summary>
    public static int BlockBytes(this DType type) => type switch
    {
        DType.F32 => 4,
        DType.F16 or DType.BF16 => 2,
        DType.Q8_0 => 34,
        DType.Q4_0 => 18,
        DType.Q4_1 => 20,
        DType.Q5_0 => 22,
        DType.Q5_1 => 24,
        DType.Q4_K => 144,
        DType.Q5_K => 176,
        DType.Q6_K => 210,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "unknown number format"),
    };

    /// <summary>Bytes of a row of <paramref name="columns"/> elements.</summary>
    /// <exception cref="ArgumentException">The row does not divide into whole blocks.</exception>
    public static long RowBytes(this DType type, long columns)
    {
        int block = type.BlockLength();
        return columns % block == 0
            ? columns / block * type.BlockBytes()
            : throw new ArgumentException($"{type} rows are multiples of {block} elements, not {columns}", nameof(columns));
    }
}
