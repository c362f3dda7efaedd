using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.Tensors.Cuda;
using Microsoft.Extensions.Logging;

namespace Inference.InferenceHost;

/// <summary>Chooses what runs a model.</summary>
internal static class Backends
{
    private const string Cpu = "cpu", Auto = "auto", Cuda = "cuda";

    /// <summary>The backend of the configured device; the model that takes it owns it.</summary>
    public static IBackend Create(DeviceOptions device, ILogger logger)
    {
        if (device.Name == Auto)
        {
            HostLog.CpuInstead(logger, WhyNoCuda(0, device));
        }

        return new CpuBackend(device.Threads == 0 ? Environment.ProcessorCount : device.Threads, CpuFeatures.Best, device.EmittedCode);
    }

    /// <summary>Why the configured device cannot run models, or null where it can.</summary>
    public static string? Unavailable(DeviceOptions device) =>
        device.Name is Cpu or Auto ? null
        : CudaIndex(device.Name) is { } index ? WhyNoCuda(index, device)
        : $"'{device.Name}' is no device; {Cpu}, {Auto} or {Cuda}:N is wanted, N from 0 to {DeviceOptions.MaxCudaIndex}";

    /// <summary>The N of cuda:N, 0 for cuda alone; null for other names.</summary>
    private static int? CudaIndex(string name) =>
        name == Cuda ? 0
        : name.StartsWith(Cuda + ":", StringComparison.Ordinal) && name.Length > Cuda.Length + 1 && name.AsSpan(Cuda.Length + 1).IndexOfAnyExceptInRange('0', '9') < 0
            && int.TryParse(name.AsSpan(Cuda.Length + 1), out int index) && index <= DeviceOptions.MaxCudaIndex ? index
        : null;

    /// <summary>What is wrong with the GPU; where nothing is, that this version cannot use it.</summary>
    private static string WhyNoCuda(int index, DeviceOptions device)
    {
        try
        {
            CudaDeviceFacts facts = CudaProbe.Require(index, new CudaLibraries(Driver: string.IsNullOrEmpty(device.CudaDriverPath) ? null : device.CudaDriverPath));
            return $"cuda:{index} ({facts.Name}) is there, but this version has no CUDA backend yet; the device {Cpu} runs models";
        }
        catch (DeviceUnavailableException exception)
        {
            return exception.Message;
        }
    }
}
