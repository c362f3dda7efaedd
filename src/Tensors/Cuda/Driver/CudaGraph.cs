namespace Inference.Tensors.Cuda.Driver;

/// <summary>Work that was recorded from a stream: see <see cref="CudaStream.Capture"/>.</summary>
internal sealed unsafe class CudaGraph : DriverHandle
{
    /// <summary>Takes over a recorded graph.</summary>
    public CudaGraph(PrimaryContext context, nint graph)
        : base(context.Api)
    {
        Context = context;
        Own(graph, context);
    }

    /// <summary>Launches, copies and fills in it.</summary>
    public int NodeCount
    {
        get
        {
            nuint count = 0;
            Api.Check("cuGraphGetNodes", Api.GraphGetNodes(Raw, null, &count));
            return (int)count;
        }
    }

    /// <inheritdoc/>
    protected override PrimaryContext Context { get; }

    /// <summary>Makes it ready to run. The graph may be disposed of afterwards.</summary>
    public CudaGraphExec Instantiate()
    {
        nint executable = 0;
        nint graph = Raw;
        Api.Check("cuGraphInstantiateWithFlags", Context.Within(() =>
        {
            nint made = 0;
            int code = Api.GraphInstantiate(&made, graph, 0);
            executable = made;
            return code;
        }));
        return new CudaGraphExec(Context, executable);
    }

    /// <inheritdoc/>
    protected override int Destroy() => Api.GraphDestroy(handle);
}
