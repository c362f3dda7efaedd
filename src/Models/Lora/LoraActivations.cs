using Inference.Tensors;

namespace Inference.Models.Lora;

/// <summary>What <see cref="LoraLinear"/> keeps from its forward pass for its backward pass, and its scratch. Layers of one shape may share it in turn.</summary>
public sealed class LoraActivations : IDisposable
{
    private readonly List<Tensor> _tensors = [];

    /// <summary>Allocates for batches of at most <paramref name="rows"/> rows.</summary>
    internal LoraActivations(IBackend backend, int rows, int inputs, int outputs, int rank, bool hasMagnitude, bool hasDropout)
    {
        Reduced = Allocate(backend, rows, rank);
        ReducedGradient = Allocate(backend, rows, rank);
        (Dropped, InputGradient) = hasDropout ? (Allocate(backend, rows, inputs), Allocate(backend, rows, inputs)) : (null, null);
        (Product, ProductGradient) = hasMagnitude ? (Allocate(backend, rows, outputs), Allocate(backend, rows, outputs)) : (null, null);
        Norms = hasMagnitude ? new float[outputs] : [];
    }

    /// <summary>scale * A drop(x), [rows, rank].</summary>
    internal Tensor Reduced { get; }

    /// <summary>Scratch, [rows, rank].</summary>
    internal Tensor ReducedGradient { get; }

    /// <summary>drop(x), [rows, in], with dropout only.</summary>
    internal Tensor? Dropped { get; }

    /// <summary>Scratch, [rows, in], with dropout only.</summary>
    internal Tensor? InputGradient { get; }

    /// <summary>The output before the magnitudes, [rows, out], DoRA only.</summary>
    internal Tensor? Product { get; }

    /// <summary>Scratch, [rows, out], DoRA only.</summary>
    internal Tensor? ProductGradient { get; }

    /// <summary>Norms of the rows of the changed weight, DoRA only.</summary>
    internal float[] Norms { get; }

    /// <summary>The seed of the forward pass's dropout, or null.</summary>
    internal ulong? DropoutSeed { get; set; }

    /// <inheritdoc/>
    public void Dispose() => _tensors.ForEach(tensor => tensor.Dispose());

    private Tensor Allocate(IBackend backend, int rows, int columns)
    {
        Tensor tensor = backend.Allocate(rows, columns);
        _tensors.Add(tensor);
        return tensor;
    }
}
