using Inference.Models.Layers;
using Inference.Models.Lora;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>A gated feed-forward layer: down(activation(gate(x)) * up(x)) (Shazeer, GLU Variants, 2020).</summary>
internal sealed class DecoderFeedForward : IDisposable
{
    private readonly Activation _activation;
    private readonly AdaptableProjection _gateUp;
    private readonly AdaptableProjection _down;

    /// <summary>Takes the tensors of a layer.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, or has another shape or an unsupported format.</exception>
    public DecoderFeedForward(ModelWeights weights, IBackend backend, AdaptableLayers adaptable, DecoderDesign design, string prefix)
    {
        int hidden = weights.Config.HiddenSize, inner = weights.Config.IntermediateSize;
        _activation = design.Activation;
        (string Module, Linear Layer) Layer(string name, int outputs, int inputs) => ($"{prefix}.mlp.{name}", weights.Linear($"{prefix}.mlp.{name}", outputs, inputs));
        _gateUp = design.FusedProjections
            ? new AdaptableProjection(
                backend, adaptable, $"{prefix}.mlp.gate_up_proj", weights.FusedLinear($"{prefix}.mlp.gate_up_proj", hidden, false, inner, inner))
            : new AdaptableProjection(backend, adaptable, Layer("gate_proj", inner, hidden), Layer("up_proj", inner, hidden));
        _down = new AdaptableProjection(backend, adaptable, Layer("down_proj", hidden, inner));
    }

    /// <summary>gated = activation(gated) * raised.</summary>
    public static void Activate(IBackend backend, Activation activation, Tensor gated, Tensor raised)
    {
        if (activation == Activation.GeluTanh)
        {
            backend.GeGlu(gated, raised, gated);
        }
        else
        {
            backend.SwiGlu(gated, raised, gated);
        }
    }

    /// <summary>input [T, hidden] to <see cref="DecoderScratch.Change"/>.</summary>
    public void Forward(IBackend backend, Tensor input, IReadOnlyList<AdapterRows> adapters, DecoderScratch s)
    {
        _gateUp.Forward(adapters, input, s.Gated, s.Raised);
        Activate(backend, _activation, s.Gated, s.Raised);
        _down.Forward(adapters, s.Gated, s.Change);
    }

    public void Dispose()
    {
        _gateUp.Dispose();
        _down.Dispose();
    }
}
