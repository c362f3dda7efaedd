using System.Runtime.Intrinsics;

namespace Inference.Tensors.Cpu.Quantized;

/// <summary>Takes a stored row of a quantised format apart, in blocks of 32 elements.</summary>
internal unsafe interface IQuantFormat
{
    static abstract DType Type { get; }

    /// <summary>Bits of a quant: 4, 5, 6 or 8.</summary>
    static abstract int Bits { get; }

    static abstract QuantScales Scales { get; }

    /// <summary>The binary logarithm of the quant that means 0, or 0 where an offset says so.</summary>
    static abstract int ZeroShift { get; }

    /// <summary>The 32 quants of a block, as unsigned bytes.</summary>
    static abstract Vector256<byte> Quants(byte* row, int block);

    /// <summary>Writes what <see cref="Scales"/> says to place <paramref name="r"/> of vectors of 32 rows.</summary>
    /// <param name="row">The stored row.</param>
    /// <param name="block">Number of the block of 32.</param>
    /// <param name="header">The units of eight blocks, where there are any.</param>
    /// <param name="scales">The scales of the block.</param>
    /// <param name="r">Row of the panel.</param>
    static abstract void WriteScales(byte* row, int block, byte* header, byte* scales, int r);
}
