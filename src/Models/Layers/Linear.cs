using Inference.Tensors;

namespace Inference.Models.Layers;

/// <summary>y = x wᵀ + bias. weight [out, in] of any format; bias [1, out] in F32, or null.</summary>
public sealed class Linear(Tensor weight, Tensor? bias = null)
{
    /// <summary>The weight, [out, in].</summary>
    public Tensor Weight { get; } = weight;

    /// <summary>The bias, [1, out], or null.</summary>
    public Tensor? Bias { get; } = bias;

    /// <summary>x [T, in] to y [T, out].</summary>
    public void Forward(IBackend backend, Tensor x, Tensor y) => backend.Linear(x, Weight, Bias, y);

    /// <summary>dx += dy w; dweight += dyᵀ x; dbias += column sums of dy. What is null is not computed (a frozen weight, a first layer).</summary>
    public void Backward(IBackend backend, Tensor x, Tensor dy, Tensor? dx, Tensor? dweight, Tensor? dbias = null)
    {
        if (dweight is not null)
        {
            backend.LinearBackwardWeight(x, dy, dweight, dbias);
        }

        if (dx is not null)
        {
            backend.LinearBackwardInput(dy, Weight, dx);
        }
    }
}
