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

    public static void Store(Vector512<int>* dwords, int count, byte* panel, nint firstDword)
    {
        int* target = (int*)(panel + (128 * firstDword));
        for (int i = 0; i < count; i++)
        {
            dwords[i].StoreAlignedNonTemporal(target + (32 * i));
            dwords[16 + i].StoreAlignedNonTemporal(target + (32 * i) + 16);
        }
    }
}
