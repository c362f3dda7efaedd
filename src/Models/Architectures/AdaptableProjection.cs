using Inference.Models.Layers;
using Inference.Models.Lora;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>
/// A <see cref="Projection"/> whose rows adapters may change. The rows of the base are its product's and nothing else; those of
/// adapters get their low-rank sums added, all adapters together.
/// </summary>
internal sealed class AdaptableProjection : IDisposable
{
    private readonly IBackend _backend;
    private readonly Linear[] _layers;
    private readonly Projection _projection;
    private readonly int _first;

    /// <summary>Prepares layers that each are a module.</summary>
    public AdaptableProjection(IBackend backend, AdaptableLayers adaptable, params (string Module, Linear Layer)[] layers)
        : this(backend, Array.ConvertAll(layers, layer => layer.Layer)) =>
        _first = Array.ConvertAll(layers, layer => adaptable.Add(layer.Module, 0, layer.Layer))[0];

    /// <summary>Prepares the layers that one module consists of, in the order of its rows.</summary>
    public AdaptableProjection(IBackend backend, AdaptableLayers adaptable, string module, Linear[] layers)
        : this(backend, layers)
    {
        int row = 0;
        int[] numbers = Array.ConvertAll(layers, layer => adaptable.Add(module, (row += layer.Weight.Rows) - layer.Weight.Rows, layer));
        _first = numbers[0];
    }

    private AdaptableProjection(IBackend backend, Linear[] layers)
    {
        _backend = backend;
        _layers = layers;
        _projection = new Projection(backend, layers);
    }

    /// <summary>x [T, in] to y[i] [T, out of layer i].</summary>
    public void Forward(IReadOnlyList<AdapterRows> adapters, Tensor x, params ReadOnlySpan<Tensor> y)
    {
        int count = 0;
        foreach (AdapterRows adapter in adapters)
        {
            count += IsChangedBy(adapter) ? 1 : 0;
        }

        if (count == 0)
        {
            _projection.Forward(x, y);
            return;
        }

        LowRankChange[] changes = new LowRankChange[count];
        count = 0;
        foreach (AdapterRows adapter in adapters)
        {
            if (IsChangedBy(adapter))
            {
                changes[count++] = new LowRankChange(adapter.Rows, adapter.Weights.Parts(_first, _layers.Length));
            }
        }

        _backend.Linear(_projection.Product(x, y.ToArray()), changes);
    }

    /// <summary>An adapter changes one of the layers.</summary>
    public bool IsChangedBy(AdapterRows adapter)
    {
        foreach (LowRankWeight? weight in adapter.Weights.Parts(_first, _layers.Length).Span)
        {
            if (weight is not null)
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => _projection.Dispose();
}
