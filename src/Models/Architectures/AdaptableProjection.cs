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
    private IReadOnlyList<AdapterRows>? _adapters;
    private LowRankChanges? _changes;

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
        if (adapters.Count == 0 || Changes(adapters) is not { } changes)
        {
            _projection.Forward(x, y);
            return;
        }

        _backend.Linear(_projection.Product(x, y.ToArray()), changes);
    }

    /// <summary>An adapter changes one of the layers.</summary>
    public bool IsChangedBy(AdapterRows adapter) => Parts(adapter) is not null;

    public void Dispose() => _projection.Dispose();

    /// <summary>What the adapters change, or null; kept for the next step, whose list is the same where adapters and rows are.</summary>
    private LowRankChanges? Changes(IReadOnlyList<AdapterRows> adapters)
    {
        if (!ReferenceEquals(adapters, _adapters))
        {
            LowRankChange[] changes =
            [
                .. adapters.Select(adapter => (adapter.Rows, Parts: Parts(adapter))).Where(change => change.Parts is not null)
                    .Select(change => new LowRankChange(change.Rows, change.Parts!)),
            ];
            (_adapters, _changes) = (adapters, changes.Length == 0 ? null : new LowRankChanges(changes));
        }

        return _changes;
    }

    private LowRankParts? Parts(AdapterRows adapter) => adapter.Weights.Parts(_first, _layers.Length);
}
