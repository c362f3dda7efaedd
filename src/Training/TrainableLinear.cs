using Inference.Models.Layers;
using Inference.Models.Lora;
using Inference.Tensors;

namespace Inference.Training;

/// <summary>A linear layer in training: its own weight is trained, or an adapter's, or it is frozen.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="WeightGradient">The gradient of its weight [out, in]; null where it is frozen.</param>
/// <param name="Adapter">An adapter over the frozen layer, or null.</param>
internal sealed record TrainableLinear(Linear Layer, Tensor? WeightGradient = null, LoraLinear? Adapter = null)
{
    /// <summary>x [T, in] to y [T, out]; <paramref name="saved"/> belongs to the adapter.</summary>
    public void Forward(IBackend backend, Tensor x, LoraActivations? saved, ulong? dropoutSeed, Tensor y)
    {
        if (Adapter is null)
        {
            Layer.Forward(backend, x, y);
        }
        else
        {
            Adapter.Forward(backend, x, saved!, dropoutSeed, y);
        }
    }

    /// <summary>dx and what is trained += the gradients.</summary>
    public void Backward(IBackend backend, Tensor x, Tensor dy, LoraActivations? saved, Tensor dx)
    {
        if (Adapter is null)
        {
            Layer.Backward(backend, x, dy, dx, WeightGradient);
        }
        else
        {
            Adapter.Backward(backend, x, dy, saved!, dx);
        }
    }
}
