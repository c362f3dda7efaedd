using Inference.Tensors;
using Inference.Tensors.Cpu;

namespace Inference.InferenceHost;

/// <summary>Chooses what runs a model.</summary>
internal static class Backends
{
    /// <summary>The backend of the configured device; the model that takes it owns it.</summary>
    public static IBackend Create(DeviceOptions device) =>
        new CpuBackend(device.Threads == 0 ? Environment.ProcessorCount : device.Threads, CpuFeatures.Best, device.EmittedCode);
}
