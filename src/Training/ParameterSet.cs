using Inference.Tensors;

namespace Inference.Training;

/// <summary>Named F32 tensors in a fixed order: the parameters of a model, their gradients, or an optimiser's moments.</summary>
public sealed class ParameterSet : IDisposable
{
    private readonly Dictionary<string, Tensor> _byName;
    private readonly IBackend? _backend;

    /// <summary>Takes ownership of the tensors. Names follow Hugging Face checkpoints.</summary>
    /// <param name="entries">Names and tensors.</param>
    /// <param name="backend">In whose memory the tensors are; null for the host's.</param>
    public ParameterSet(IReadOnlyList<KeyValuePair<string, Tensor>> entries, IBackend? backend = null)
    {
        _backend = backend;
        Entries = entries;
        _byName = new Dictionary<string, Tensor>(entries);
    }

    /// <summary>Names and tensors, in the order of every reduction and of every file.</summary>
    public IReadOnlyList<KeyValuePair<string, Tensor>> Entries { get; }

    /// <summary>Number of elements.</summary>
    public long Count => Entries.Sum(e => (long)e.Value.Rows * e.Value.Columns);

    /// <summary>The tensor called <paramref name="name"/>.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Tensor this[string name] => _byName[name];

    /// <summary>A zeroed set of the same names and shapes.</summary>
    public ParameterSet ZerosLike() =>
        new([.. Entries.Select(e => KeyValuePair.Create(e.Key, Allocate(e.Value.Rows, e.Value.Columns)))], _backend);

    /// <summary>Sets every element to zero.</summary>
    public void Clear()
    {
        foreach ((_, Tensor tensor) in Entries)
        {
            if (_backend is null)
            {
                tensor.Clear();
            }
            else
            {
                _backend.Clear(tensor);
            }
        }
    }

    /// <summary>Calls <paramref name="use"/> with each tensor in turn, for the host.</summary>
    /// <param name="use">Reads it, or writes it whole.</param>
    /// <param name="writes">It writes.</param>
    internal void OnHost(Action<string, Tensor> use, bool writes = false)
    {
        foreach ((string name, Tensor tensor) in Entries)
        {
            if (_backend is null)
            {
                use(name, tensor);
                continue;
            }

            using HostTensor host = writes ? _backend.WriteOnHost(tensor) : _backend.ReadOnHost(tensor);
            use(name, host.Tensor);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, Tensor tensor) in Entries)
        {
            tensor.Dispose();
        }
    }

    private Tensor Allocate(int rows, int columns) => _backend?.Allocate(rows, columns) ?? Tensor.Allocate(rows, columns);
}
