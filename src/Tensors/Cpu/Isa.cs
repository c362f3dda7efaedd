namespace Inference.Tensors.Cpu;

/// <summary>The vector instruction sets that the CPU backend has kernels for.</summary>
public enum Isa
{
    /// <summary>128-bit vectors of any processor: 4 floats, SSE or NEON.</summary>
    Portable,

    /// <summary>AVX2 and FMA: 8 floats.</summary>
    Avx2,

    /// <summary>AVX-512 F, BW, DQ and VL: 16 floats.</summary>
    Avx512,
}
