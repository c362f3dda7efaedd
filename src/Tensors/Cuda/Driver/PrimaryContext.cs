namespace Inference.Tensors.Cuda.Driver;

/// <summary>
/// A device's primary context, the one that cuBLASLt and others in the process share. Objects are made in it whichever context is current; work
/// is given to streams (copies, launches, events) by threads that have called <see cref="MakeCurrent"/>.
/// </summary>
internal sealed unsafe class PrimaryContext : DriverHandle
{
    /// <summary>Retains the context, which the driver makes at the first time.</summary>
    /// <exception cref="DeviceUnavailableException">This GPU cannot be used: says why.</exception>
    /// <exception cref="CudaException">The driver fails, out of memory for instance.</exception>
    public PrimaryContext(DriverApi api, CudaDevice device)
        : base(api)
    {
        if (device.Unusable() is { } reason)
        {
            throw new DeviceUnavailableException(reason);
        }

        Device = device;
        nint context = 0;
        api.Check("cuDevicePrimaryCtxRetain", api.PrimaryContextRetain(&context, device.Handle));
        Own(context);
    }

    /// <summary>Whose context it is.</summary>
    public CudaDevice Device { get; }

    /// <summary>Bytes free and in all, other processes' included.</summary>
    public (long Free, long Total) Memory
    {
        get
        {
            nuint free = 0, total = 0;
            Api.Check("cuMemGetInfo_v2", Within(() =>
            {
                nuint f = 0, t = 0;
                int code = Api.MemoryGetInfo(&f, &t);
                (free, total) = (f, t);
                return code;
            }));
            return ((long)free, (long)total);
        }
    }

    /// <inheritdoc/>
    protected override PrimaryContext? Context => null;

    /// <summary>Makes it the calling thread's context, from now on.</summary>
    public void MakeCurrent() => Api.Check("cuCtxSetCurrent", Api.ContextSetCurrent(Raw));

    /// <summary>Waits until all work in the context is done.</summary>
    public void Synchronize() => Api.Check("cuCtxSynchronize", Within(() => Api.ContextSynchronize()));

    /// <summary>Runs a call with this context current, then the thread's former one again.</summary>
    /// <returns>The CUresult of the call, or of the change of contexts.</returns>
    public int Within(Func<int> call)
    {
        int pushed = Api.ContextPush(handle);
        if (pushed != (int)CudaError.Success)
        {
            return pushed;
        }

        int code = call();
        nint popped = 0;
        int restored = Api.ContextPop(&popped);
        return code != (int)CudaError.Success ? code : restored;
    }

    /// <inheritdoc/>
    protected override int Destroy() => Api.PrimaryContextRelease(Device.Handle);
}
