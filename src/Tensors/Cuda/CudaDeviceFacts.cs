namespace Inference.Tensors.Cuda;

/// <summary>A GPU as the driver describes it.</summary>
/// <param name="Index">The N of cuda:N.</param>
/// <param name="Name">Product name.</param>
/// <param name="Uuid">Of the GPU or its MIG instance.</param>
/// <param name="PciBusId">Domain, bus, device and function.</param>
/// <param name="Architecture">Compute capability.</param>
/// <param name="MemoryBytes">All memory, used or not.</param>
/// <param name="Multiprocessors">How many there are.</param>
/// <param name="L2Bytes">Second-level cache.</param>
/// <param name="SharedBytesPerBlock">Shared memory that a block may have, on asking.</param>
/// <param name="MemoryBusBits">Width of the memory's bus.</param>
/// <param name="Unusable">Why it cannot be used, or null.</param>
public sealed record CudaDeviceFacts(
    int Index, string Name, Guid Uuid, string PciBusId, Version Architecture, long MemoryBytes, int Multiprocessors, int L2Bytes, int SharedBytesPerBlock,
    int MemoryBusBits, string? Unusable);
