using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>Addresses of four rows of a weight.</summary>
internal readonly unsafe struct WeightRows
{
    public readonly byte* Row0;
    public readonly byte* Row1;
    public readonly byte* Row2;
    public readonly byte* Row3;

    /// <summary>Distance of what is read next from what is read now, for prefetching.</summary>
    public readonly nint Ahead;

    /// <summary>Rows first to first + 3; where the weight ends before, its last row again.</summary>
    public WeightRows(byte* data, long rowBytes, int first, int rows)
    {
        Row0 = data + (first * rowBytes);
        Row1 = data + (Math.Min(first + 1, rows - 1) * rowBytes);
        Row2 = data + (Math.Min(first + 2, rows - 1) * rowBytes);
        Row3 = data + (Math.Min(first + 3, rows - 1) * rowBytes);
        Ahead = (nint)(4 * rowBytes);
    }

    public WeightRows(byte* row0, byte* row1, byte* row2, byte* row3, nint ahead)
    {
        Ahead = ahead;
        Row0 = row0;
        Row1 = row1;
        Row2 = row2;
        Row3 = row3;
    }

    /// <summary>The halves of IEEE binary16 at an offset of each row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector128<float> Halves(int offset) =>
        Simd128.Widen(Vector128.Create(
            (int)*(ushort*)(Row0 + offset), *(ushort*)(Row1 + offset), *(ushort*)(Row2 + offset), *(ushort*)(Row3 + offset)));
}
