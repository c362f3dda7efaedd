using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Inference.Tensors.Quantization;

namespace Inference.Tensors.Cpu.Quantized;

/// <summary>Stored as binary16 scale, 32 signed bytes; the quants are 128 more.</summary>
internal readonly unsafe struct FormatQ8_0 : IQuantFormat
{
    public static DType Type => DType.Q8_0;

    public static int Bits => 8;

    public static QuantScales Scales => QuantScales.Half;

    public static int ZeroShift => 7;

    public static Vector256<byte> Quants(byte* row, int block) =>
        Vector256.Load(row + (34 * block) + 2) ^ Vector256.Create((byte)128);

    public static void WriteScales(byte* row, int block, byte* header, byte* scales, int r) =>
        ((ushort*)scales)[r] = *(ushort*)(row + (34 * block));
}

/// <summary>Stored as binary16 scale, 16 bytes of nibbles.</summary>
internal readonly unsafe struct FormatQ4_0 : IQuantFormat
{
    public static DType Type => DType.Q4_0;

    public static int Bits => 4;

    public static QuantScales Scales => QuantScales.Half;

    public static int ZeroShift => 3;

    public static Vector256<byte> Quants(byte* row, int block) => QuantBits.Nibbles(row + (18 * block) + 2);

    public static void WriteScales(byte* row, int block, byte* header, byte* scales, int r) =>
        ((ushort*)scales)[r] = *(ushort*)(row + (18 * block));
}

/// <summary>Stored as binary16 scale and offset, 16 bytes of nibbles.</summary>
internal readonly unsafe struct FormatQ4_1 : IQuantFormat
{
    public static DType Type => DType.Q4_1;

    public static int Bits => 4;

    public static QuantScales Scales => QuantScales.HalfAndOffset;

    public static int ZeroShift => 0;

    public static Vector256<byte> Quants(byte* row, int block) => QuantBits.Nibbles(row + (20 * block) + 4);

    public static void WriteScales(byte* row, int block, byte* header, byte* scales, int r)
    {
        ((ushort*)scales)[r] = *(ushort*)(row + (20 * block));
        ((ushort*)scales)[r + 32] = *(ushort*)(row + (20 * block) + 2);
    }
}

/// <summary>Stored as binary16 scale, 32 fifth bits, 16 bytes of nibbles.</summary>
internal readonly unsafe struct FormatQ5_0 : IQuantFormat
{
    public static DType Type => DType.Q5_0;

    public static int Bits => 5;

    public static QuantScales Scales => QuantScales.Half;

    public static int ZeroShift => 4;

    public static Vector256<byte> Quants(byte* row, int block)
    {
        byte* stored = row + (22 * block);
        return QuantBits.Nibbles(stored + 6) | QuantBits.Fifth(*(uint*)(stored + 2));
    }

    public static void WriteScales(byte* row, int block, byte* header, byte* scales, int r) =>
        ((ushort*)scales)[r] = *(ushort*)(row + (22 * block));
}

/// <summary>Stored as binary16 scale and offset, 32 fifth bits, 16 bytes of nibbles.</summary>
internal readonly unsafe struct FormatQ5_1 : IQuantFormat
{
    public static DType Type => DType.Q5_1;

    public static int Bits => 5;

    public static QuantScales Scales => QuantScales.HalfAndOffset;

    public static int ZeroShift => 0;

    public static Vector256<byte> Quants(byte* row, int block)
    {
        byte* stored = row + (24 * block);
        return QuantBits.Nibbles(stored + 8) | QuantBits.Fifth(*(uint*)(stored + 4));
    }

    public static void WriteScales(byte* row, int block, byte* header, byte* scales, int r)
    {
        ((ushort*)scales)[r] = *(ushort*)(row + (24 * block));
        ((ushort*)scales)[r + 32] = *(ushort*)(row + (24 * block) + 2);
    }
}

/// <summary>Stored in blocks of 256: binary16 units, 6-bit scales and offsets, nibbles.</summary>
internal readonly unsafe struct FormatQ4_K : IQuantFormat
{
    public static DType Type => DType.Q4_K;

    public static int Bits => 4;

    public static QuantScales Scales => QuantScales.ByteAndOffset;

    public static int ZeroShift => 0;

    public static Vector256<byte> Quants(byte* row, int block)
    {
        byte* nibbles = row + (144 * (block / 8)) + 16 + (block % 8 / 2 * 32);
        return QuantBits.Shift(nibbles, block % 2 * 4) & Vector256.Create((byte)15);
    }

    public static void WriteScales(byte* row, int block, byte* header, byte* scales, int r) =>
        QuantBits.WriteBytesAndUnits(row + (144 * (block / 8)), block % 8, header, scales, r);
}

/// <summary>As Q4_K with fifth bits.</summary>
internal readonly unsafe struct FormatQ5_K : IQuantFormat
{
    public static DType Type => DType.Q5_K;

    public static int Bits => 5;

    public static QuantScales Scales => QuantScales.ByteAndOffset;

    public static int ZeroShift => 0;

    public static Vector256<byte> Quants(byte* row, int block)
    {
        byte* stored = row + (176 * (block / 8));
        int j = block % 8;
        Vector256<byte> low = QuantBits.Shift(stored + 48 + (j / 2 * 32), j % 2 * 4) & Vector256.Create((byte)15);
        Vector256<byte> fifth = QuantBits.Shift(stored + 16, j) & Vector256.Create((byte)1);
        return low | (fifth.AsUInt16() << 4).AsByte();
    }

    public static void WriteScales(byte* row, int block, byte* header, byte* scales, int r) =>
        QuantBits.WriteBytesAndUnits(row + (176 * (block / 8)), block % 8, header, scales, r);
}

/// <summary>Stored in blocks of 256: low nibbles, two high bits, signed scales of 16, a binary16 unit.</summary>
internal readonly unsafe struct FormatQ6_K : IQuantFormat
{
    public static DType Type => DType.Q6_K;

    public static int Bits => 6;

    public static QuantScales Scales => QuantScales.HalfBlockByte;

    public static int ZeroShift => 5;

    public static Vector256<byte> Quants(byte* row, int block)
    {
        byte* stored = row + (210 * (block / 8));
        int half = block % 8 / 4, quarter = block % 4;
        Vector256<byte> low = QuantBits.Shift(stored + (half * 64) + (quarter % 2 * 32), quarter / 2 * 4) & Vector256.Create((byte)15);
        Vector256<byte> high = QuantBits.Shift(stored + 128 + (half * 32), quarter * 2) & Vector256.Create((byte)3);
        return low | (high.AsUInt16() << 4).AsByte();
    }

    public static void WriteScales(byte* row, int block, byte* header, byte* scales, int r)
    {
        byte* stored = row + (210 * (block / 8));
        ((ushort*)header)[r] = *(ushort*)(stored + 208);
        scales[r] = stored[192 + (block % 8 * 2)];
        scales[r + 32] = stored[193 + (block % 8 * 2)];
    }
}

/// <summary>What the formats have in common.</summary>
internal static unsafe class QuantBits
{
    /// <summary>16 bytes: the low nibbles, then the high ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Nibbles(byte* source)
    {
        Vector128<byte> bytes = Vector128.Load(source);
        return Vector256.Create(bytes & Vector128.Create((byte)15), (bytes.AsUInt16() >>> 4).AsByte() & Vector128.Create((byte)15));
    }

    /// <summary>32 bytes, shifted to the right; the bits that enter from the neighbour are for the caller to mask.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Shift(byte* source, int bits) => (Vector256.Load(source).AsUInt16() >>> bits).AsByte();

    /// <summary>16 in each byte whose bit is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Fifth(uint bits) => Vector256.Create(Spread(bits), Spread(bits >> 8), Spread(bits >> 16), Spread(bits >> 24)).AsByte();

    /// <summary>The parameters of a sub-block of Q4_K or Q5_K. The unit of the offset becomes negative, for it is subtracted there.</summary>
    public static void WriteBytesAndUnits(byte* stored, int block, byte* header, byte* scales, int r)
    {
        ((ushort*)header)[r] = *(ushort*)stored;
        ((ushort*)header)[r + 32] = (ushort)(*(ushort*)(stored + 2) ^ 0x8000);
        (int scale, int offset) = BlockDecoder.Parameters(new ReadOnlySpan<byte>(stored + 4, 12), block);
        scales[r] = (byte)scale;
        scales[r + 32] = (byte)offset;
    }

    /// <summary>16 in byte i where bit i is set: each byte keeps its own bit, and an addition carries it into the top one.</summary>
    private static ulong Spread(uint bits)
    {
        ulong own = ((ulong)(bits & 0xFF) * 0x0101010101010101) & 0x8040201008040201;
        return ((own + 0x7F7F7F7F7F7F7F7F) >> 3) & 0x1010101010101010;
    }
}
