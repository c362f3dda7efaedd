using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>A gated feed-forward layer, or an expert: down(activation(gate(x)) * up(x)) (Shazeer, GLU Variants, 2020).</summary>
internal sealed class DecoderFeedForward : IDisposable
{
    private readonly Activation _activation;
    private readonly Projection _gateUp;
    private readonly Projection _down;

    /// <summary>Takes the tensors of a layer without experts.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, or has another shape or an unsupported format.</exception>
    public DecoderFeedForward(ModelWeights weights, IBackend backend, DecoderDesign design, string prefix)
        : this(
            backend,
            design.Activation,
            design.FusedProjections
                ? weights.FusedLinear(
                    $"{prefix}.mlp.gate_up_proj", weights.Config.HiddenSize, false, weights.Config.IntermediateSize, weights.Config.IntermediateSize)
                :
                [
                    weights.Linear($"{prefix}.mlp.gate_proj", weights.Config.IntermediateSize, weights.Config.HiddenSize),
                    weights.Linear($"{prefix}.mlp.up_proj", weights.Config.IntermediateSize, weights.Config.HiddenSize),
                ],
            weights.Linear($"{prefix}.mlp.down_proj", weights.Config.HiddenSize, weights.Config.IntermediateSize))
    {
    }

    /// <summary>Prepares the projections of gate and up, and that of down.</summary>
    public DecoderFeedForward(IBackend backend, Activation activation, Linear[] gateUp, Linear down)
    {
        _activation = activation;
        _gateUp = new Projection(backend, gateUp);
        _down = new Projection(backend, down);
    }

    /// <summary>input [T, hidden] to <see cref="DecoderScratch.Change"/>.</summary>
    public void Forward(IBackend backend, Tensor input, DecoderScratch s) => Forward(backend, input, s.Gated, s.Raised, s.Change);

    /// <summary>x [n, hidden] to y [n, hidden], by way of gated and raised [n, intermediate].</summary>
    public void Forward(IBackend backend, Tensor x, Tensor gated, Tensor raised, Tensor y)
    {
        _gateUp.Forward(x, gated, raised);
        if (_activation == Activation.GeluTanh)
        {
            backend.GeGlu(gated, raised, gated);
        }
        else
        {
            backend.SwiGlu(gated, raised, gated);
        }

        _down.Forward(gated, y);
    }

    public void Dispose()
    {
        _gateUp.Dispose();
        _down.Dispose();
    }
}
