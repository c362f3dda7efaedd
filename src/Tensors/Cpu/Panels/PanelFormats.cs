using Inference.Tensors.Cpu.Quantized;

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
    private readonly QuantPanels<FormatQ8_0> _q80 = new(isa);
    private readonly QuantPanels<FormatQ4_0> _q40 = new(isa);
    private readonly QuantPanels<FormatQ4_1> _q41 = new(isa);
    private readonly QuantPanels<FormatQ5_0> _q50 = new(isa);
    private readonly QuantPanels<FormatQ5_1> _q51 = new(isa);
    private readonly QuantPanels<FormatQ4_K> _q4K = new(isa);
    private readonly QuantPanels<FormatQ5_K> _q5K = new(isa);
    private readonly QuantPanels<FormatQ6_K> _q6K = new(isa);

    /// <summary>The kernel for weights stored as <paramref name="type"/>, or null.</summary>
    public PanelFormat? For(DType type) => type switch
    {
        DType.F32 => _f32,
        DType.F16 => _f16,
        DType.BF16 => _bf16,
        DType.Q8_0 => _q80,
        DType.Q4_0 => _q40,
        DType.Q4_1 => _q41,
        DType.Q5_0 => _q50,
        DType.Q5_1 => _q51,
        DType.Q4_K => _q4K,
        DType.Q5_K => _q5K,
        DType.Q6_K => _q6K,
        _ => null,
    };
}
