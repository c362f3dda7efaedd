using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Inference.Tensors.Cuda.Driver;

/// <summary>
/// A kernel's arguments as the driver wants them in one buffer: in the order of the kernel's parameters, each aligned to its
/// own size, as C aligns them. Allocates nothing: <c>new KernelArguments(stackalloc byte[128])</c>.
/// </summary>
internal ref struct KernelArguments(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;

    /// <summary>The packed bytes.</summary>
    public readonly ReadOnlySpan<byte> Bytes => _buffer[..Length];

    /// <summary>How many they are.</summary>
    public int Length { get; private set; }

    /// <summary>A pointer to memory of the device.</summary>
    public void Add(DeviceBuffer value) => Put(value.Raw);

    /// <summary>A pointer into memory of the device.</summary>
    public void Add(nint address) => Put(address);

    /// <summary>int.</summary>
    public void Add(int value) => Put(value);

    /// <summary>long long.</summary>
    public void Add(long value) => Put(value);

    /// <summary>unsigned long long.</summary>
    public void Add(ulong value) => Put(value);

    /// <summary>float.</summary>
    public void Add(float value) => Put(value);

    /// <summary>unsigned char.</summary>
    public void Add(byte value) => Put(value);

    private void Put<T>(T value)
        where T : unmanaged
    {
        int size = Unsafe.SizeOf<T>();
        int start = (Length + size - 1) & -size;
        if (start + size > _buffer.Length)
        {
            throw new InvalidOperationException($"{start + size} bytes of arguments do not fit into {_buffer.Length}");
        }

        _buffer[Length..start].Clear();
        MemoryMarshal.Write(_buffer[start..], in value);
        Length = start + size;
    }
}
