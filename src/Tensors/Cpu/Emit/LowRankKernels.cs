namespace Inference.Tensors.Cpu.Emit;

/// <summary>The emitted kernels of low-rank changes that the processor has instructions for.</summary>
/// <param name="Pairs">Of changes in BF16, or null.</param>
/// <param name="Bytes">Of changes in 8 bits, or null.</param>
internal sealed record LowRankKernels(LowRankPairKernels? Pairs, LowRankByteKernels? Bytes)
{
    /// <summary>There are kernels for changes in a number format.</summary>
    public bool Have(DType? type) => type switch { DType.BF16 => Pairs is not null, DType.Q8_0 => Bytes is not null, _ => false };
}
