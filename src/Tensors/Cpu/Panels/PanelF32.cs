using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Inference.Tensors.Cpu.Panels;

/// <summary>F32 weights as [k][32 rows].</summary>
internal readonly unsafe struct PanelF32 : IPanelFloats
{
    public static int PairBytes => 256;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Low(byte* panel, nint k) => Vector512.LoadAligned((float*)(panel + (128 * k)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> High(byte* panel, nint k) => Vector512.LoadAligned((float*)(panel + (128 * k) + 64));

    public static void Store(Vector512<int>* dwords, int count, byte* panel, nint firstDword, bool isKept)
    {
        byte* target = panel + (128 * firstDword);
        for (int i = 0; i < count; i++)
        {
            PanelPacking.Store(dwords[i], target + (128 * i), isKept);
            PanelPacking.Store(dwords[16 + i], target + (128 * i) + 64, isKept);
        }
    }
}
