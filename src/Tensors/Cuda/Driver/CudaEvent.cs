namespace Inference.Tensors.Cuda.Driver;

/// <summary>A mark in a stream, to wait for or to take the time between two.</summary>
internal sealed unsafe class CudaEvent : DriverHandle
{
    private const uint Default = 0, DisableTiming = 2;

    /// <param name="context">Where it is made.</param>
    /// <param name="timing">It takes the time; without it waiting is cheaper.</param>
    public CudaEvent(PrimaryContext context, bool timing = false)
        : base(context.Api)
    {
        Context = context;
        nint signal = 0;
        Api.Check("cuEventCreate", context.Within(() =>
        {
            nint made = 0;
            int code = Api.EventCreate(&made, timing ? Default : DisableTiming);
            signal = made;
            return code;
        }));
        Own(signal, context);
    }

    /// <inheritdoc/>
    protected override PrimaryContext Context { get; }

    /// <summary>Whether the work before the mark is done.</summary>
    public bool IsReached
    {
        get
        {
            int code = Api.EventQuery(Raw);
            if (code == (int)CudaError.NotReady)
            {
                return false;
            }

            Api.Check("cuEventQuery", code);
            return true;
        }
    }

    /// <summary>Puts the mark behind the work that the stream was given so far.</summary>
    public void Record(CudaStream stream) => Api.Check("cuEventRecord", Api.EventRecord(Raw, stream.Raw));

    /// <summary>Waits until the mark is reached.</summary>
    public void Synchronize() => Api.Check("cuEventSynchronize", Api.EventSynchronize(Raw));

    /// <summary>Milliseconds of the device from this mark to a later one, both reached and both with timing.</summary>
    public float MillisecondsTo(CudaEvent later)
    {
        float milliseconds = 0;
        Api.Check("cuEventElapsedTime", Api.EventElapsedTime(&milliseconds, Raw, later.Raw));
        return milliseconds;
    }

    /// <inheritdoc/>
    protected override int Destroy() => Api.EventDestroy(handle);
}
