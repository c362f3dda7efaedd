using Inference.Tensors;

namespace Inference.Training;

/// <summary>Named F32 tensors in a fixed order: the parameters of a model, their gradients, or an optimiser's moments.</summary>
public sealed class ParameterSet : IDisposable
{
    private readonly Dictionary<string, Tensor> _byName;

    /// <summary>Takes ownership of the tensors. Names follow Hugging Face checkpoints.</summary>
    public ParameterSet(IReadOnlyList<KeyValuePair<string, Tensor>> entries)
    {
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
        new([.. Entries.Select(e => KeyValuePair.Create(e.Key, Tensor.Allocate(e.Value.Rows, e.Value.Columns)))]);

    /// <summary>Sets every element to zero.</summary>
    public void Clear()
    {
        foreach ((_, Tensor tensor) in Entries)
        {
            tensor.Clear();
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
}
