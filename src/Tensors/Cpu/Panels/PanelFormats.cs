using Inference.Tensors.Cpu.Emit;
using Inference.Tensors.Cpu.Quantized;

namespace Inference.Tensors.Cpu.Panels;

/// <summary>
/// The panel kernels of a backend, chosen once from the processor and the options. A format without one is multiplied as
/// it lies on disk (<see cref="Linear{S, V}"/>).
/// </summary>
internal sealed class PanelFormats
{
    private readonly Dictionary<DType, PanelFormat> _formats;
    private readonly Lazy<LowRankKernels> _lowRank;

    /// <summary>Chooses.</summary>
    /// <param name="isa">The instruction set of the backend.</param>
    /// <param name="emitted">Kernels may be emitted, where <see cref="EmittedCode"/> has support for them.</param>
    public PanelFormats(Isa isa, bool emitted)
    {
        bool bytes = isa == Isa.Avx512 && emitted && EmittedCode.HasVnni;
        _formats = new()
        {
            [DType.Q8_0] = new QuantPanels<FormatQ8_0>(isa, bytes),
            [DType.Q4_0] = new QuantPanels<FormatQ4_0>(isa, bytes),
            [DType.Q4_1] = new QuantPanels<FormatQ4_1>(isa, bytes),
            [DType.Q5_0] = new QuantPanels<FormatQ5_0>(isa, bytes),
            [DType.Q5_1] = new QuantPanels<FormatQ5_1>(isa, bytes),
            [DType.Q4_K] = new QuantPanels<FormatQ4_K>(isa, bytes),
            [DType.Q5_K] = new QuantPanels<FormatQ5_K>(isa, bytes),
            [DType.Q6_K] = new QuantPanels<FormatQ6_K>(isa, bytes),
        };
        HasByteChanges = bytes;
        _lowRank = new(() => new LowRankKernels(
            isa == Isa.Avx512 && emitted && EmittedCode.HasBFloat16 ? LowRankPairEmitter.Kernels() : null, bytes ? LowRankByteEmitter.Kernels() : null));
        if (isa == Isa.Avx512)
        {
            bool floats = emitted && EmittedCode.IsSupported, pairs = emitted && EmittedCode.HasBFloat16;
            ActivationFormat plain = new InterleavedActivations<FloatBlock>();
            ActivationFormat rounded = pairs ? new InterleavedActivations<BFloat16Block>() : new InterleavedActivations<RoundedFloatBlock>();
            _formats[DType.F32] = new FloatPanels<PanelF32>(plain, DType.F32, floats);
            _formats[DType.F16] = new FloatPanels<PanelF16>(plain, DType.F16, floats);
            _formats[DType.BF16] = new FloatPanels<PanelBF16>(rounded, DType.BF16, pairs);
        }
    }

    /// <summary>The kernels of low-rank changes, emitted for the first of them.</summary>
    public LowRankKernels LowRank => _lowRank.Value;

    /// <summary>There are kernels of low-rank changes in 8 bits.</summary>
    public bool HasByteChanges { get; }

    /// <summary>The kernel for weights stored as <paramref name="type"/>, or null.</summary>
    public PanelFormat? For(DType type) => _formats.GetValueOrDefault(type);
}
