using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Inference.Tensors.Cpu.Panels;

/// <summary>BF16 weights as [k / 2][32 rows][2]: what a dot product of pairs reads, and nearly what multiply-adds do.</summary>
internal readonly unsafe struct PanelBF16 : IPanelFloats
{
    public static int PairBytes => 128;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Low(byte* panel, nint k) => Widen((int*)(panel + (128 * (k >> 1))), k);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> High(byte* panel, nint k) => Widen((int*)(panel + (128 * (k >> 1)) + 64), k);

    public static void Store(Vector512<int>* dwords, int count, byte* panel, nint firstDword, bool isKept) =>
        PanelF32.Store(dwords, count, panel, firstDword, isKept);

    /// <summary>The lower half of each pair for even k, the upper one for odd k.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Widen(int* pairs, nint k)
    {
        Vector128<int> shift = Vector128.CreateScalarUnsafe((int)(~k & 1) << 4);
        return (Avx512F.ShiftLeftLogical(Vector512.LoadAligned(pairs), shift) & Vector512.Create(unchecked((int)0xFFFF0000))).AsSingle();
    }
}
