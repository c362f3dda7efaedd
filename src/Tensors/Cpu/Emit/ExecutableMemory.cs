using System.Runtime.InteropServices;

namespace Inference.Tensors.Cpu.Emit;

/// <summary>
/// Code that was emitted at run time. Memory is written first and executed after: it is never both writable and
/// executable. Code stays for the life of the process; there are a few tens of kilobytes of it.
/// </summary>
internal static unsafe partial class ExecutableMemory
{
    private const int Read = 1, Write = 2, Execute = 4, PrivateAnonymous = 2 | 0x20;

    /// <summary>Makes code executable and returns its address, or null where the system does not allow it.</summary>
    public static void* Publish(ReadOnlySpan<byte> code)
    {
        nint address = Map(0, (nuint)code.Length, Read | Write, PrivateAnonymous, -1, 0);
        if (address == -1)
        {
            return null;
        }

        code.CopyTo(new Span<byte>((void*)address, code.Length));
        if (Protect(address, (nuint)code.Length, Read | Execute) != 0)
        {
            _ = Unmap(address, (nuint)code.Length);
            return null;
        }

        return (void*)address;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
