using System.Runtime.InteropServices;

namespace Inference.Tensors.Cpu;

/// <summary>Scratch memory that grows and is reused, aligned to 64 bytes. Its contents are undefined.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private float* _data;
    private long _length;

    ~NativeBuffer() => NativeMemory.AlignedFree(_data);

    /// <summary>At least <paramref name="length"/> floats, valid until the next call.</summary>
    public float* Floats(long length)
    {
        if (length > _length)
        {
            NativeMemory.AlignedFree(_data);
            _length = 0;
            _data = (float*)NativeMemory.AlignedAlloc((nuint)length * sizeof(float), 64);
            _length = length;
        }

        return _data;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_data);
        _data = null;
        _length = 0;
        GC.SuppressFinalize(this);
    }
}
