namespace Inference.Tensors.Cpu.Panels;

/// <summary>
/// The panel kernels of a backend, chosen once from the instruction set. A format without one is multiplied as it lies
/// on disk (<see cref="Linear{S, V}"/>).
/// </summary>
internal sealed class PanelFormats(Isa isa)
{
    private readonly PanelFormat? _f32 = isa == Isa.Avx512 ? new FloatPanels<PanelF32>() : null;
    private readonly PanelFormat? _f16 = isa == Isa.Avx512 ? new FloatPanels<PanelF16>() : null;
    private readonly PanelFormat? _bf16 = isa == Isa.Avx512 ? new FloatPanels<PanelBF16>() : null;

    /// <summary>The kernel for weights stored as <paramref name="type"/>, or null.</summary>
    public PanelFormat? For(DType type) => type switch
    {
        DType.F32 => _f32,
        DType.F16 => _f16,
        DType.BF16 => _bf16,
        _ => null,
    };
}
