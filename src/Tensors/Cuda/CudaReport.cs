using Inference.Tensors.Cuda.Nvml;

namespace Inference.Tensors.Cuda;

/// <summary>What NVIDIA's libraries tell of a machine, each part or why it is not there.</summary>
/// <param name="Driver">The driver.</param>
/// <param name="Devices">The GPUs that the driver shows this process.</param>
/// <param name="Nvml">What the management library tells.</param>
/// <param name="CublasLt">The library for large products.</param>
public sealed record CudaReport(Finding<string> Driver, IReadOnlyList<CudaDeviceFacts> Devices, Finding<NvmlReport> Nvml, Finding<string> CublasLt);
