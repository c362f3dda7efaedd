using System.Runtime.InteropServices;

namespace Inference.Tensors.Cuda.Nvml;

/// <summary>nvmlMemory_t, 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NvmlMemory
{
    public ulong Total;
    public ulong Free;
    public ulong Used;
}
