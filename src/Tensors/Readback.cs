namespace Inference.Tensors;

/// <summary>
/// Results of a step that the host reads, such as logits: operations write <see cref="Rows"/>, <see cref="Begin"/> asks for the copy, other work may
/// follow, <see cref="End"/> waits for this copy alone. Here, where the backend works in the host's memory, both are the same tensor and nothing is copied;
/// a backend of a device derives its own, with pinned memory and an event.
/// </summary>
public class Readback : IDisposable
{
    private readonly Tensor _memory;

    /// <param name="memory">[rows, columns], owned from here on.</param>
    public Readback(Tensor memory) => _memory = Current = memory;

    /// <summary>Most rows.</summary>
    public int Capacity => _memory.Rows;

    /// <summary>The rows of this step.</summary>
    protected Tensor Current { get; private set; }

    /// <summary>The tensor [count, columns] that the operations of this step write.</summary>
    public Tensor Rows(int count) => Current = _memory.Slice(0, count);

    /// <summary>Asks for the rows of this step, as they are after the operations asked for so far.</summary>
    public virtual void Begin()
    {
    }

    /// <summary>Waits for them. The tensor is of the host's memory, and valid until the next <see cref="Begin"/>.</summary>
    public virtual Tensor End() => Current;

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        _memory.Dispose();
        GC.SuppressFinalize(this);
    }
}
