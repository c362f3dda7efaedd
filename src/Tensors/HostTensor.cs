namespace Inference.Tensors;

/// <summary>
/// The numbers of a tensor in the host's memory, until it is disposed of: the tensor itself where the host reads it, else a copy that goes back
/// where it was written. See <see cref="HostAccess"/>.
/// </summary>
public readonly struct HostTensor : IDisposable
{
    private readonly IBackend _backend;
    private readonly Tensor _source;
    private readonly bool _writes;

    internal HostTensor(IBackend backend, Tensor source, bool reads, bool writes)
    {
        (_backend, _source, _writes) = (backend, source, writes);
        Tensor = source.Device is null ? source : Tensor.Allocate(source.Rows, source.Columns, source.Type);
        if (reads && source.Device is not null)
        {
            backend.Copy(source, Tensor);
        }
    }

    /// <summary>The numbers, for the host.</summary>
    public Tensor Tensor { get; }

    /// <summary>All elements of an F32 tensor.</summary>
    public Span<float> Span => Tensor.Span;

    /// <summary>Row <paramref name="row"/> of an F32 tensor.</summary>
    public Span<float> Row(int row) => Tensor.Row(row);

    /// <summary>Writes back what was written, and frees the copy.</summary>
    public void Dispose()
    {
        if (_source.Device is null)
        {
            return;
        }

        if (_writes)
        {
            _backend.Copy(Tensor, _source);
        }

        Tensor.Dispose();
    }
}
