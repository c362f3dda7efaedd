using Inference.Tensors;

namespace Inference.Models.Weights;

/// <summary>A stored tensor, as its file's header describes it.</summary>
/// <param name="Name">Name in the file.</param>
/// <param name="Shape">Dimensions, outermost first.</param>
/// <param name="StoredType">The file's name of the number format.</param>
/// <param name="Type">The number format, or null when kernels cannot read it.</param>
/// <param name="Offset">First byte in the file.</param>
/// <param name="ByteLength">Bytes in the file.</param>
public sealed record TensorInfo(string Name, IReadOnlyList<long> Shape, string StoredType, DType? Type, long Offset, long ByteLength)
{
    /// <inheritdoc/>
    public override string ToString() => $"{StoredType}[{string.Join(", ", Shape)}]";
}
