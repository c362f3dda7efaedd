using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>A gated feed-forward layer: down(activation(gate(x)) * up(x)) (Shazeer, GLU Variants, 2020).</summary>
internal sealed class DecoderFeedForward : IDisposable
{
    private readonly Activation _activation;
    private readonly Projection _gateUp;
    private readonly Projection _down;

    /// <summary>Takes the tensors of a layer.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, or has another shape or an unsupported format.</exception>
    public DecoderFeedForward(ModelWeights weights, IBackend backend, DecoderDesign design, string prefix)
    {
        int hidden = weights.Config.HiddenSize, inner = weights.Config.IntermediateSize;
        _activation = design.Activation;
        _gateUp = new Projection(backend, design.FusedProjections
            ? weights.FusedLinear($"{prefix}.mlp.gate_up_proj", hidden, false, inner, inner)
            : [weights.Linear($"{prefix}.mlp.gate_proj", inner, hidden), weights.Linear($"{prefix}.mlp.up_proj", inner, hidden)]);
        _down = new Projection(backend, weights.Linear($"{prefix}.mlp.down_proj", hidden, inner));
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
    public void Forward(IBackend backend, Tensor input, DecoderScratch s)
    {
        _gateUp.Forward(input, s.Gated, s.Raised);
        Activate(backend, _activation, s.Gated, s.Raised);
        _down.Forward(s.Gated, s.Change);
    }

    public void Dispose()
    {
        _gateUp.Dispose();
        _down.Dispose();
    }
}
