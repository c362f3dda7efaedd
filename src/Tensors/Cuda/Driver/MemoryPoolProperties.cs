using System.Runtime.InteropServices;

namespace Inference.Tensors.Cuda.Driver;

/// <summary>CUmemPoolProps, 88 bytes, the rest of them reserved and zero.</summary>
[StructLayout(LayoutKind.Sequential, Size = 88)]
internal struct MemoryPoolProperties
{
    /// <summary>CU_MEM_ALLOCATION_TYPE_PINNED, the only one.</summary>
    public const int Pinned = 1;

    /// <summary>CU_MEM_LOCATION_TYPE_DEVICE.</summary>
    public const int OnDevice = 1;

    public int AllocationType;
    public int HandleTypes;
    public int LocationType;
    public int LocationId;
    public nint SecurityAttributes;

    /// <summary>Bytes that the pool may hold; 0 for as many as there are. Since CUDA 12.2, before that reserved.</summary>
    public nuint MaximumBytes;
}
