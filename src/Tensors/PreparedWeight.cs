namespace Inference.Tensors;

/// <summary>
/// Weights of one or several linear layers with the same input, as a backend multiplies them fastest: see
/// <see cref="IBackend.Prepare"/>. It borrows its parts; the backend that prepared it is the one to use it.
/// </summary>
public class PreparedWeight : IDisposable
{
    private readonly Tensor[] _parts;

    /// <summary>Checks and keeps the parts.</summary>
    /// <param name="parts">Weights [out, in] with the same number of columns, of any formats; at least one.</param>
    /// <exception cref="ArgumentException">There is no part, or one has another number of columns.</exception>
    public PreparedWeight(ReadOnlySpan<Tensor> parts)
    {
        if (parts.IsEmpty)
        {
            throw new ArgumentException("a prepared weight has at least one part", nameof(parts));
        }

        for (int i = 0; i < parts.Length; i++)
        {
            Require.Columns(parts[i], parts[0].Columns, $"{nameof(parts)}[{i}]");
        }

        _parts = parts.ToArray();
        Columns = parts[0].Columns;
    }

    /// <summary>The weights, as given.</summary>
    public IReadOnlyList<Tensor> Parts => _parts;

    /// <summary>Inputs of each part.</summary>
    public int Columns { get; }

    /// <summary>The prepared copy, if there is one, is freed; the parts are not.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}
