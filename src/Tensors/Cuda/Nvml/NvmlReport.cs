namespace Inference.Tensors.Cuda.Nvml;

/// <summary>What NVIDIA's management library tells.</summary>
/// <param name="DriverVersion">Version of the driver, such as 580.159.03.</param>
/// <param name="Devices">The GPUs of the machine.</param>
public sealed record NvmlReport(string DriverVersion, IReadOnlyList<NvmlDevice> Devices);
