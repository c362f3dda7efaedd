using System.Runtime.InteropServices;

namespace Inference.Tensors.Cpu;

/// <summary>
/// Zeroed memory for copies of weights. On Linux it is mapped apart, so that pages come as they are touched, by whoever touches them;
/// large ones are aligned for huge pages and marked for them: a product walks through a weight once per token, and small pages cost
/// it misses of the address cache.
/// </summary>
internal sealed unsafe partial class NativePages : IDisposable
{
    private const nuint HugePage = 2 << 20;
    private const long LeastMapped = 64 << 10;
    private const int ReadWrite = 1 | 2, PrivateAnonymous = 2 | 0x20, AdviseHugePage = 14;

    private readonly bool _isMapped;
    private readonly nuint _length;
    private byte* _allocation;

    public NativePages(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        _isMapped = OperatingSystem.IsLinux() && length >= LeastMapped;
        if (!_isMapped)
        {
            _length = (nuint)Math.Max(64, length);
            _allocation = (byte*)NativeMemory.AlignedAlloc(_length, 64);
            NativeMemory.Clear(_allocation, _length);
            Data = _allocation;
            return;
        }

        bool isLarge = (nuint)length >= HugePage;
        _length = (nuint)length + (isLarge ? HugePage : 0);
        nint address = Map(0, _length, ReadWrite, PrivateAnonymous, -1, 0);
        if (address == -1)
        {
            throw new OutOfMemoryException($"{length} bytes for weights could not be mapped (error {Marshal.GetLastPInvokeError()})");
        }

        _allocation = (byte*)address;
        Data = _allocation;
        if (!isLarge)
        {
            return;
        }

        Data = (byte*)(((nuint)address + HugePage - 1) & ~(HugePage - 1));
        _ = Advise((nint)Data, (nuint)length, AdviseHugePage); // A wish: without it the pages are small and all the same right.
    }

    ~NativePages() => Free();

    /// <summary>The first byte, aligned to 64 bytes at least.</summary>
    public byte* Data { get; }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_allocation is null)
        {
            return;
        }

        if (_isMapped)
        {
            _ = Unmap((nint)_allocation, _length);
        }
        else
        {
            NativeMemory.AlignedFree(_allocation);
        }

        _allocation = null;
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
