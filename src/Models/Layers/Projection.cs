using Inference.Tensors;

namespace Inference.Models.Layers;

/// <summary>
/// A linear layer, or several with the same input, prepared for inference: one product on the backend
/// (<see cref="IBackend.Prepare"/>). Training, whose weights change, uses <see cref="Linear"/> itself.
/// </summary>
public sealed class Projection : IDisposable
{
    private readonly IBackend _backend;
    private readonly PreparedWeight _weight;
    private readonly Tensor?[] _bias;

    /// <summary>Prepares the layers, which stay the owners of their tensors.</summary>
    /// <exception cref="ArgumentException">The layers differ in their number of inputs.</exception>
    public Projection(IBackend backend, params Linear[] layers)
    {
        _backend = backend;
        _weight = backend.Prepare(Array.ConvertAll(layers, layer => layer.Weight));
        _bias = Array.ConvertAll(layers, layer => layer.Bias);
    }

    /// <summary>x [T, in] to y[i] [T, out of layer i].</summary>
    public void Forward(Tensor x, params ReadOnlySpan<Tensor> y) => _backend.Linear(x, _weight, _bias, y);

    /// <summary>The same as a product that is made together with others: <see cref="IBackend.Linear(ReadOnlySpan{LinearProduct})"/>.</summary>
    public LinearProduct Product(Tensor x, params Tensor[] y) => new(x, _weight, _bias, y);

    /// <inheritdoc/>
    public void Dispose() => _weight.Dispose();
}
