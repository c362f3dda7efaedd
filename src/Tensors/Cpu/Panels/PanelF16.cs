using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu.Panels;

/// <summary>F16 weights as [k][32 rows].</summary>
internal readonly unsafe struct PanelF16 : IPanelFloats
{
    public static int PairBytes => 128;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Low(byte* panel, nint k) => Simd512.LoadHalf((ushort*)(panel + (64 * k)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> High(byte* panel, nint k) => Simd512.LoadHalf((ushort*)(panel + (64 * k) + 32));

    public static void Store(Vector512<int>* dwords, int count, byte* panel, nint firstDword, bool isKept)
    {
        byte* target = panel + (128 * firstDword);
        for (int i = 0; i < count; i++)
        {
            Vector512<int> low = dwords[i], high = dwords[16 + i];
            PanelPacking.Store(Line(low, high), target + (128 * i), isKept);
            PanelPacking.Store(Line(low >>> 16, high >>> 16), target + (128 * i) + 64, isKept);
        }
    }

    /// <summary>The lower halves of all elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Line(Vector512<int> low, Vector512<int> high) =>
        Avx512F.ConvertToVector256Int16(low).ToVector512Unsafe().WithUpper(Avx512F.ConvertToVector256Int16(high)).AsInt32();
}
