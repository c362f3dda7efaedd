namespace Inference.Tensors.Cuda.Driver;

/// <summary>
/// Device memory that is taken and given back in a stream's order, without waiting for the device. Freed memory stays with
/// the pool, up to what it is told to keep, for what is asked for next.
/// </summary>
internal sealed unsafe class MemoryPool : DriverHandle
{
    private const int ReleaseThreshold = 4, UsedNow = 7, UsedAtMost = 8;

    /// <param name="context">Where the memory is.</param>
    /// <param name="keepBytes">Freed bytes that the pool does not give back to the device at synchronisations.</param>
    public MemoryPool(PrimaryContext context, long keepBytes = long.MaxValue)
        : base(context.Api)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(keepBytes);
        Context = context;
        MemoryPoolProperties properties = new()
        {
            AllocationType = MemoryPoolProperties.Pinned,
            LocationType = MemoryPoolProperties.OnDevice,
            LocationId = context.Device.Handle,
        };
        nint pool = 0;
        Api.Check("cuMemPoolCreate", context.Within(() =>
        {
            nint made = 0;
            MemoryPoolProperties asked = properties;
            int code = Api.MemoryPoolCreate(&made, &asked);
            pool = made;
            return code;
        }));
        Own(pool, context);
        ulong threshold = (ulong)keepBytes;
        Api.Check("cuMemPoolSetAttribute", Api.MemoryPoolSetAttribute(pool, ReleaseThreshold, &threshold));
    }

    /// <summary>Bytes in use now.</summary>
    public long UsedBytes => Read(UsedNow);

    /// <summary>The most bytes that were in use at a time.</summary>
    public long PeakBytes => Read(UsedAtMost);

    /// <inheritdoc/>
    protected override PrimaryContext Context { get; }

    /// <summary>Takes memory, for work that is given to <paramref name="stream"/> from now on. Its contents are undefined.</summary>
    /// <exception cref="CudaException">Out of memory: says how much was asked for and how much is free.</exception>
    public DeviceBuffer Allocate(long bytes, CudaStream stream)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        nint address = 0;
        int code = Api.MemoryAllocateFromPoolAsync(&address, (nuint)bytes, Raw, stream.Raw);
        if (code == (int)CudaError.OutOfMemory)
        {
            (long free, long total) = Context.Memory;
            throw Api.Failure("cuMemAllocFromPoolAsync", code, $"{bytes:N0} bytes were asked for; {free:N0} of {total:N0} are free on {Context.Device.Name}");
        }

        Api.Check("cuMemAllocFromPoolAsync", code);
        return new DeviceBuffer(this, stream, address, bytes);
    }

    /// <summary>Gives freed memory back to the device, all but <paramref name="keepBytes"/>.</summary>
    public void Trim(long keepBytes = 0) => Api.Check("cuMemPoolTrimTo", Api.MemoryPoolTrimTo(Raw, (nuint)keepBytes));

    /// <inheritdoc/>
    protected override int Destroy() => Api.MemoryPoolDestroy(handle);

    private long Read(int attribute)
    {
        ulong value = 0;
        Api.Check("cuMemPoolGetAttribute", Api.MemoryPoolGetAttribute(Raw, attribute, &value));
        return (long)value;
    }
}
