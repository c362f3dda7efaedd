using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>x += fc2(gelu(fc1(norm(x)))).</summary>
internal sealed class WhisperFeedForward(WhisperWeights weights, IBackend backend, string layer, int intermediate) : IDisposable
{
    private readonly LayerNorm _norm = weights.Norm(layer + "final_layer_norm", weights.Config.HiddenSize);
    private readonly Projection _raise = new(backend, weights.Linear(layer + "fc1", intermediate, weights.Config.HiddenSize));
    private readonly Projection _lower = new(backend, weights.Linear(layer + "fc2", weights.Config.HiddenSize, intermediate));

    /// <summary>normed, lowered [T, d] and raised [T, intermediate] are scratch.</summary>
    public void Forward(IBackend backend, Tensor x, Tensor normed, Tensor raised, Tensor lowered)
    {
        _norm.Forward(backend, x, normed);
        _raise.Forward(normed, raised);
        backend.Gelu(raised, raised);
        _lower.Forward(raised, lowered);
        backend.Add(lowered, x);
    }

    public void Dispose()
    {
        _raise.Dispose();
        _lower.Dispose();
    }
}
