using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Inference.Tensors.Cpu;

/// <summary>What this processor can run.</summary>
public static class CpuFeatures
{
    /// <summary>The widest supported instruction set.</summary>
    public static Isa Best => Supports(Isa.Avx512) ? Isa.Avx512 : Supports(Isa.Avx2) ? Isa.Avx2 : Isa.Portable;

    /// <summary>Whether this processor and runtime have <paramref name="isa"/>.</summary>
    public static bool Supports(Isa isa) => isa switch
    {
        Isa.Avx512 => Vector512.IsHardwareAccelerated && Avx512BW.IsSupported && Avx512DQ.IsSupported && Avx512F.VL.IsSupported,
        Isa.Avx2 => Avx2.IsSupported && Fma.IsSupported,
        _ => true,
    };
}
