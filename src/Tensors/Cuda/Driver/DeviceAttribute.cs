namespace Inference.Tensors.Cuda.Driver;

/// <summary>Numbers of CUdevice_attribute (cuda.h of CUDA 12.4).</summary>
internal enum DeviceAttribute
{
    Multiprocessors = 16,
    ComputeMode = 20,
    MemoryBusBits = 37,
    L2Bytes = 38,
    ComputeCapabilityMajor = 75,
    ComputeCapabilityMinor = 76,
    SharedMemoryPerBlock = 97,
    MemoryPools = 115,
}
