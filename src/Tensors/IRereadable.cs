namespace Inference.Tensors;

/// <summary>
/// Memory that came from where it can be read again, such as a mapped file: the owner of borrowed tensors (<see cref="Tensor.Borrow"/>).
/// A backend that makes its own copy has pages brought in, and given back, many at a time, or reads them: both are quicker than to let the
/// system map page after page as they are touched, and leave none behind. Any thread may call all of this.
/// </summary>
public interface IRereadable
{
    /// <summary>Copies the bytes that the memory at <paramref name="data"/> has, without touching it.</summary>
    /// <param name="data">An address inside the memory.</param>
    /// <param name="target">Takes the bytes from there on; none lies outside the memory.</param>
    /// <exception cref="IOException">They cannot be read any more.</exception>
    void Read(nint data, Span<byte> target);

    /// <summary>Brings all pages of a range in, for a time.</summary>
    /// <param name="data">An address inside the memory.</param>
    /// <param name="length">Bytes from there on; none lies outside the memory.</param>
    /// <returns>False where the system cannot, or the range cannot be read any more.</returns>
    bool TryBring(nint data, long length);

    /// <summary>Gives back the pages that lie wholly in a range. They come back when they are touched.</summary>
    /// <param name="data">An address inside the memory.</param>
    /// <param name="length">Bytes from there on; none lies outside the memory.</param>
    void GiveBack(nint data, long length);
}
