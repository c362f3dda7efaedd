using Inference.Tensors.Cpu.Emit;

namespace Inference.Tensors.Cpu.Panels;

/// <summary>
/// The panel kernels of a backend, chosen once from the processor and the options. A format without one is multiplied as
/// it lies on disk (<see cref="Linear{S, V}"/>).
/// </summary>
internal sealed class PanelFormats
{
    private readonly Dictionary<DType, PanelFormat> _formats = [];

    /// <summary>Chooses.</summary>
    /// <param name="isa">The instruction set of the backend.</param>
    /// <param name="emitted">Kernels may be emitted, where <see cref="EmittedCode"/> has support for them.</param>
    public PanelFormats(Isa isa, bool emitted)
    {
        if (isa != Isa.Avx512)
        {
            return;
        }

        ActivationFormat floats = new InterleavedActivations<FloatBlock>();
        if (emitted && EmittedCode.IsSupported)
        {
            _formats[DType.F32] = new FloatPanels<PanelF32>(floats, FloatTileEmitter.Tiles(DType.F32));
            _formats[DType.F16] = new FloatPanels<PanelF16>(floats, FloatTileEmitter.Tiles(DType.F16));
        }
        else
        {
            _formats[DType.F32] = new FloatPanels<PanelF32>(floats, null);
            _formats[DType.F16] = new FloatPanels<PanelF16>(floats, null);
        }

        _formats[DType.BF16] = emitted && EmittedCode.HasBFloat16
            ? new FloatPanels<PanelBF16>(new InterleavedActivations<BFloat16Block>(), FloatTileEmitter.Tiles(DType.BF16))
            : new FloatPanels<PanelBF16>(new InterleavedActivations<RoundedFloatBlock>(), null);
    }

    /// <summary>The kernel for weights stored as <paramref name="type"/>, or null.</summary>
    public PanelFormat? For(DType type) => _formats.GetValueOrDefault(type);
}
