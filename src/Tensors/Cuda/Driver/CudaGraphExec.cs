namespace Inference.Tensors.Cuda.Driver;

/// <summary>
/// Recorded work that can be done again and again with one call. The buffers and modules that it reads must outlive it.
/// </summary>
internal sealed unsafe class CudaGraphExec : DriverHandle
{
    /// <summary>Takes over an instantiated graph.</summary>
    public CudaGraphExec(PrimaryContext context, nint executable)
        : base(context.Api)
    {
        Context = context;
        Own(executable, context);
    }

    /// <inheritdoc/>
    protected override PrimaryContext Context { get; }

    /// <summary>Does the work once more, behind what the stream was given so far.</summary>
    public void Launch(CudaStream stream) => Api.Check("cuGraphLaunch", Api.GraphLaunch(Raw, stream.Raw));

    /// <inheritdoc/>
    protected override int Destroy() => Api.GraphExecDestroy(handle);
}
