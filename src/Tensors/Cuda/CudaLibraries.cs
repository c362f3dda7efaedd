namespace Inference.Tensors.Cuda;

/// <summary>Where NVIDIA's libraries are. A null searches the usual places; a path is the only one that is tried.</summary>
/// <param name="Driver">libcuda.so.1: comes with the driver, the only one that is needed.</param>
/// <param name="Nvml">libnvidia-ml.so.1: comes with the driver; facts about devices.</param>
/// <param name="CublasLt">libcublasLt.so.13 or .12: comes with CUDA toolkits and Python packages; large products.</param>
public sealed record CudaLibraries(string? Driver = null, string? Nvml = null, string? CublasLt = null);
