namespace Inference.Tensors.Cuda.Driver;

/// <summary>Memory of the host that devices copy from and to without the processor: staging for weights, results of steps.</summary>
internal sealed unsafe class PinnedBuffer : DriverHandle
{
    private const uint Portable = 1;

    /// <summary>Takes memory. Its contents are undefined.</summary>
    public PinnedBuffer(PrimaryContext context, int length)
        : base(context.Api)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        Context = context;
        Length = length;
        nint address = 0;
        int code = context.Within(() =>
        {
            void* made = null;
            int result = Api.MemoryHostAllocate(&made, (nuint)length, Portable);
            address = (nint)made;
            return result;
        });
        if (code == (int)CudaError.OutOfMemory)
        {
            throw Api.Failure("cuMemHostAlloc", code, $"{length:N0} bytes of locked memory were asked for; see ulimit -l and the container's memory limit");
        }

        Api.Check("cuMemHostAlloc", code);
        Own(address, context);
    }

    /// <summary>Bytes.</summary>
    public int Length { get; }

    /// <summary>The bytes. Valid until this is disposed of.</summary>
    public Span<byte> Bytes => new((void*)Raw, Length);

    /// <inheritdoc/>
    protected override PrimaryContext Context { get; }

    /// <inheritdoc/>
    protected override int Destroy() => Api.MemoryFreeHost((void*)handle);
}
