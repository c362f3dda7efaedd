using Inference.Tensors;

namespace Inference.Models.Layers;

/// <summary>Root mean square normalisation by row (Zhang and Sennrich, 2019). weight [1, d] in F32.</summary>
public sealed class RmsNorm(Tensor weight, float epsilon)
{
    /// <summary>The scale, [1, d].</summary>
    public Tensor Weight { get; } = weight;

    /// <summary>y = x / sqrt(mean(x²) + epsilon) * weight. x, y [T, d].</summary>
    public void Forward(IBackend backend, Tensor x, Tensor y) => backend.RmsNorm(x, Weight, epsilon, y);

    /// <summary>dx and dweight += the gradients; dweight is null where the weight is frozen. x is the input of the forward pass.</summary>
    public void Backward(IBackend backend, Tensor x, Tensor dy, Tensor dx, Tensor? dweight) =>
        backend.RmsNormBackward(x, Weight, epsilon, dy, dx, dweight);
}
