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

    public static void Store(Vector512<int>* dwords, int count, byte* panel, nint firstDword, bool upper)
    {
        byte* target = panel + (128 * firstDword) + (upper ? 32 : 0);
        for (int i = 0; i < count; i++)
        {
            Avx512F.ConvertToVector256Int16(dwords[i]).StoreAligned((short*)(target + (128 * i)));
            Avx512F.ConvertToVector256Int16(dwords[i] >>> 16).StoreAligned((short*)(target + (128 * i) + 64));
        }
    }
}
