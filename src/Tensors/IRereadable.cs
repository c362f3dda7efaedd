namespace Inference.Tensors;

/// <summary>
/// Memory that the system can read again from where it came, such as a mapped file: the owner of borrowed tensors
/// (<see cref="Tensor.Borrow"/>) that can spare their pages once a backend has its own copy.
/// </summary>
public interface IRereadable
{
    /// <summary>Lets go of the physical pages that lie inside the range. The bytes stay valid: they are read again when touched.</summary>
    void Release(nint data, long bytes);
}
