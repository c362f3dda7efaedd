namespace Inference.Tensors.Cuda.Driver;

/// <summary>Work of a device in the order given; it does not wait for the legacy default stream.</summary>
internal sealed unsafe class CudaStream : DriverHandle
{
    private const uint NonBlocking = 1;
    private const int ThreadLocalCapture = 1;

    public CudaStream(PrimaryContext context)
        : base(context.Api)
    {
        Context = context;
        nint stream = 0;
        Api.Check("cuStreamCreate", context.Within(() =>
        {
            nint made = 0;
            int code = Api.StreamCreate(&made, NonBlocking);
            stream = made;
            return code;
        }));
        Own(stream, context);
    }

    /// <inheritdoc/>
    protected override PrimaryContext Context { get; }

    /// <summary>The context it belongs to.</summary>
    public PrimaryContext Parent => Context;

    /// <summary>Whether all work given so far is done. Throws what the work failed with.</summary>
    public bool IsIdle
    {
        get
        {
            int code = Api.StreamQuery(Raw);
            if (code == (int)CudaError.NotReady)
            {
                return false;
            }

            Api.Check("cuStreamQuery", code);
            return true;
        }
    }

    /// <summary>Waits until all work given so far is done. Throws what the work failed with.</summary>
    public void Synchronize() => Api.Check("cuStreamSynchronize", Api.StreamSynchronize(Raw));

    /// <summary>Later work waits for what came before <paramref name="signal"/> on its stream.</summary>
    public void Wait(CudaEvent signal) => Api.Check("cuStreamWaitEvent", Api.StreamWaitEvent(Raw, signal.Raw, 0));

    /// <summary>
    /// Records the work that <paramref name="work"/> gives to this stream, without doing it. Where that throws, the recording is ended, thrown away,
    /// and the stream usable again. Other threads may use the driver meanwhile.
    /// </summary>
    public CudaGraph Capture(Action<CudaStream> work)
    {
        Api.Check("cuStreamBeginCapture_v2", Api.StreamBeginCapture(Raw, ThreadLocalCapture));
        nint graph = 0;
        bool completed = false;
        try
        {
            work(this);
            completed = true;
        }
        finally
        {
            int code = Api.StreamEndCapture(Raw, &graph);
            if (completed)
            {
                Api.Check("cuStreamEndCapture", code);
            }
            else if (graph != 0)
            {
                _ = Api.GraphDestroy(graph); // The exception that flies says more than this could.
            }
        }

        return new CudaGraph(Context, graph);
    }

    /// <inheritdoc/>
    protected override int Destroy() => Api.StreamDestroy(handle);
}
