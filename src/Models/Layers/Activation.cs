namespace Inference.Models.Layers;

/// <summary>The activation of a gated feed-forward layer.</summary>
public enum Activation
{
    /// <summary>x * sigmoid(x) (`silu`).</summary>
    Silu,

    /// <summary>The Gaussian error linear unit in its tanh approximation (`gelu_pytorch_tanh`).</summary>
    GeluTanh,
}
