using Inference.Tensors;

namespace Inference.Models.Weights;

/// <summary>The named tensors of a model on disk. Files are memory-mapped; tensors borrow from the map.</summary>
public interface ICheckpoint : IDisposable
{
    /// <summary>The file or directory.</summary>
    string Path { get; }

    /// <summary>All tensors by name.</summary>
    IReadOnlyDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>
    /// The tensor in its stored format, without a copy: [rows, columns], with columns the innermost dimension and
    /// rows the product of the others. Valid until the checkpoint is disposed of.
    /// </summary>
    /// <exception cref="ModelFormatException">There is no such tensor, or its number format is not supported.</exception>
    Tensor Get(string name);
}
