namespace Inference.Tensors;

/// <summary>Sizes of the number formats.</summary>
public static class DTypes
{
    /// <summary>Elements in the smallest unit that can be stored.</summary>
    public static int BlockLength(this DType type) => type is DType.Q8_0 or DType.Q4_0 ? 32 : 1;

    /// <summary>Bytes of the smallest unit that can be stored.</summary>
    public static int BlockBytes(this DType type) => type switch
    {
        DType.F32 => 4,
        DType.F16 or DType.BF16 => 2,
        DType.Q8_0 => 34,
        DType.Q4_0 => 18,
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
