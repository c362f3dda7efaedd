namespace Inference.Tensors;

/// <summary>
/// Memory that came from where it can be read again, such as a mapped file: the owner of borrowed tensors (<see cref="Tensor.Borrow"/>).
/// A backend that makes its own copy reads it from there: that is quicker than to let the system map page after page, and leaves none behind.
/// </summary>
public interface IRereadable
{
    /// <summary>Copies the bytes that the memory at <paramref name="data"/> has, without touching it. Any thread may.</summary>
    /// <param name="data">An address inside the memory.</param>
    /// <param name="target">Takes the bytes from there on; none lies outside the memory.</param>
    /// <exception cref="IOException">They cannot be read any more.</exception>
    void Read(nint data, Span<byte> target);
}
