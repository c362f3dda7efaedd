using Inference.Tensors;

namespace Inference.Models.Layers;

/// <summary>Layer normalisation by row (Ba, Kiros, Hinton, 2016). weight, bias [1, d] in F32.</summary>
public sealed class LayerNorm(Tensor weight, Tensor bias, float epsilon = 1e-5f)
{
    /// <summary>The scale, [1, d].</summary>
    public Tensor Weight { get; } = weight;

    /// <summary>The offset, [1, d].</summary>
    public Tensor Bias { get; } = bias;

    /// <summary>y = (x - mean) / sqrt(variance + epsilon) * weight + bias. x, y [T, d].</summary>
    public void Forward(IBackend backend, Tensor x, Tensor y) => backend.LayerNorm(x, Weight, Bias, epsilon, y);

    /// <summary>dx, dweight and dbias += the gradients. x is the input of the forward pass.</summary>
    public void Backward(IBackend backend, Tensor x, Tensor dy, Tensor dx, Tensor dweight, Tensor dbias) =>
        backend.LayerNormBackward(x, Weight, epsilon, dy, dx, dweight, dbias);
}
