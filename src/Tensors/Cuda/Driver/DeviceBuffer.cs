namespace Inference.Tensors.Cuda.Driver;

/// <summary>Memory of a device. Disposing frees it behind the work that its stream was given so far.</summary>
internal sealed unsafe class DeviceBuffer : DriverHandle
{
    private readonly CudaStream _stream;

    /// <summary>Takes over memory of a pool.</summary>
    public DeviceBuffer(MemoryPool pool, CudaStream stream, nint address, long length)
        : base(pool.Api)
    {
        _stream = stream;
        Context = stream.Parent;
        Length = length;
        Own(address, stream, pool);
    }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <inheritdoc/>
    protected override PrimaryContext Context { get; }

    /// <summary>
    /// Copies bytes from the host, at <paramref name="offset"/>. From a <see cref="PinnedBuffer"/> the call returns at once and the source
    /// must stay as it is until the stream is past the copy; from pageable memory it returns when the source is read.
    /// </summary>
    public void CopyFrom(ReadOnlySpan<byte> source, CudaStream stream, long offset = 0)
    {
        nint target = At(offset, source.Length);
        fixed (byte* first = source)
        {
            Api.Check("cuMemcpyHtoDAsync_v2", Api.CopyHostToDeviceAsync(target, first, (nuint)source.Length, stream.Raw));
        }
    }

    /// <summary>Copies bytes to pinned memory; they are there when the stream is past the copy.</summary>
    public void CopyTo(PinnedBuffer target, long length, CudaStream stream, long offset = 0)
    {
        nint source = At(offset, length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, target.Length);
        Api.Check("cuMemcpyDtoHAsync_v2", Api.CopyDeviceToHostAsync((void*)target.Raw, source, (nuint)length, stream.Raw));
    }

    /// <summary>Copies bytes to another buffer of the device.</summary>
    public void CopyTo(DeviceBuffer target, long length, CudaStream stream) => Api.Check(
        "cuMemcpyDtoDAsync_v2", Api.CopyDeviceToDeviceAsync(target.At(0, length), At(0, length), (nuint)length, stream.Raw));

    /// <summary>Sets all bytes to <paramref name="value"/>.</summary>
    public void Fill(byte value, CudaStream stream) => Api.Check("cuMemsetD8Async", Api.FillAsync(Raw, value, (nuint)Length, stream.Raw));

    /// <inheritdoc/>
    protected override int Destroy() => Api.MemoryFreeAsync(handle, _stream.Raw);

    private nint At(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset);
        return Raw + (nint)offset;
    }
}
