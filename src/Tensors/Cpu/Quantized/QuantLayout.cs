namespace Inference.Tensors.Cpu.Quantized;

/// <summary>
/// A panel of 32 rows: for each block of 32 elements the scales, the low bits, the high bits; formats with blocks of 256 have
/// a header before each eighth block. Byte j of group g (elements 4g to 4g + 3) of row r is quant 4g + j. 8-bit quants:
/// [8 groups][32 rows][4]. Fewer bits: [4][32 rows][4], group g in the low nibbles and g + 4 in the high ones; then, for five bits,
/// [32 rows][4] with bit g for group g; for six, [2][32 rows][4], group g in bits 2(g % 4) of part g / 4.
/// </summary>
internal static class QuantLayout<F>
    where F : struct, IQuantFormat
{
    /// <summary>Blocks of 32 that share a header.</summary>
    public static int BlocksPerHeader => F.Scales is QuantScales.ByteAndOffset or QuantScales.HalfBlockByte ? 8 : 1;

    public static int HeaderBytes => F.Scales switch
    {
        QuantScales.ByteAndOffset => 128,
        QuantScales.HalfBlockByte => 64,
        _ => 0,
    };

    public static int ScaleBytes => F.Scales == QuantScales.HalfAndOffset ? 128 : 64;

    public static int LowBytes => F.Bits == 8 ? 1024 : 512;

    public static int HighBytes => F.Bits switch
    {
        5 => 128,
        6 => 256,
        _ => 0,
    };

    public static int BlockBytes => ScaleBytes + LowBytes + HighBytes;

    /// <summary>Bytes of a panel of <paramref name="columns"/> elements a row.</summary>
    public static long PanelBytes(int columns) =>
        (columns / 32L * BlockBytes) + (columns / (32 * BlocksPerHeader) * (long)HeaderBytes);
}
