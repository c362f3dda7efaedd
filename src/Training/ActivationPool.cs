using Inference.Models.Lora;
using Inference.Tensors;

namespace Inference.Training;

/// <summary>
/// The buffers of a block's forward pass. A pool of its own for each block keeps all activations; one pool for all blocks keeps those of
/// one block at a time, and the backward pass makes them again (gradient checkpointing).
/// </summary>
internal sealed class ActivationPool(IBackend backend, int rows) : IDisposable
{
    private readonly Dictionary<(string, int), Tensor> _tensors = [];
    private readonly Dictionary<(string, int), LoraActivations> _adapters = [];

    /// <summary>[rows, columns], the same for the same name and width.</summary>
    public Tensor Tensor(string name, int columns)
    {
        if (!_tensors.TryGetValue((name, columns), out Tensor? tensor))
        {
            _tensors[(name, columns)] = tensor = backend.Allocate(rows, columns);
        }

        return tensor;
    }

    /// <summary>An adapter's activations, the same for the same name and rank; null without an adapter.</summary>
    public LoraActivations? Adapter(string name, TrainableLinear layer)
    {
        if (layer.Adapter is null)
        {
            return null;
        }

        if (!_adapters.TryGetValue((name, layer.Adapter.Rank), out LoraActivations? saved))
        {
            _adapters[(name, layer.Adapter.Rank)] = saved = layer.Adapter.CreateActivations(backend, rows);
        }

        return saved;
    }

    public void Dispose()
    {
        foreach (IDisposable buffer in _tensors.Values.Concat<IDisposable>(_adapters.Values))
        {
            buffer.Dispose();
        }
    }
}
