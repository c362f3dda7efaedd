using Inference.Models.Layers;
using Inference.Tensors;

namespace Inference.Training;

/// <summary>A norm in training.</summary>
/// <param name="Layer">The norm.</param>
/// <param name="WeightGradient">The gradient of its weight [1, d]; null where it is frozen.</param>
internal sealed record TrainableNorm(RmsNorm Layer, Tensor? WeightGradient = null)
{
    /// <summary>x, y [T, d]; also [T, n * d], whose parts are then normalised one by one (heads).</summary>
    public void Forward(IBackend backend, Tensor x, Tensor y) => Layer.Forward(backend, Parts(x), Parts(y));

    /// <summary>dx and the weight's gradient += the gradients. x is the input of the forward pass.</summary>
    public void Backward(IBackend backend, Tensor x, Tensor dy, Tensor dx) =>
        Layer.Backward(backend, Parts(x), Parts(dy), Parts(dx), WeightGradient);

    private Tensor Parts(Tensor x)
    {
        int width = Layer.Weight.Columns;
        return x.Columns == width ? x : x.Reshape(x.Rows * (x.Columns / width), width);
    }
}
