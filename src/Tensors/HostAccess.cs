namespace Inference.Tensors;

/// <summary>
/// Access of the host to numbers of a backend, in the few places that are no operation: on a device each waits for all that was asked before, and
/// copies; where the backend works in the host's memory it costs nothing. Results of every step go by <see cref="Readback"/>, which does not make others wait.
/// </summary>
public static class HostAccess
{
    /// <summary>To read.</summary>
    public static HostTensor ReadOnHost(this IBackend backend, Tensor x) => new(backend, x, reads: true, writes: false);

    /// <summary>To write whole; what is there before is undefined.</summary>
    public static HostTensor WriteOnHost(this IBackend backend, Tensor x) => new(backend, x, reads: false, writes: true);

    /// <summary>To read and change.</summary>
    public static HostTensor ChangeOnHost(this IBackend backend, Tensor x) => new(backend, x, reads: true, writes: true);
}
