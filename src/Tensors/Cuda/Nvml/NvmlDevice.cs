namespace Inference.Tensors.Cuda.Nvml;

/// <summary>A GPU as the management library sees it: whole, whatever CUDA_VISIBLE_DEVICES hides.</summary>
/// <param name="Name">Product name.</param>
/// <param name="Uuid">GPU-..., as nvidia-smi -L prints it.</param>
/// <param name="PciBusId">Domain, bus, device and function.</param>
/// <param name="TotalBytes">Memory in all.</param>
/// <param name="FreeBytes">Memory that is free.</param>
/// <param name="MigEnabled">Divided into instances; null where it cannot be.</param>
public sealed record NvmlDevice(string Name, string Uuid, string PciBusId, long TotalBytes, long FreeBytes, bool? MigEnabled);
