using System.ComponentModel.DataAnnotations;
using Inference.Tensors;
using Inference.Tensors.Cpu;

namespace Inference.VoiceHost;

/// <summary>What runs the models of speech: the processor, whatever device runs those of language. Section "Device".</summary>
public sealed class DeviceOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Device";

    /// <summary>Threads of a model's operations. 0 (default) takes one a processor; at most 1,024.</summary>
    [Range(0, 1024)]
    public int Threads { get; set; }

    /// <summary>
    /// Whether products may run on instructions written at run time, where the processor has those that pay. Default true. Without, the
    /// compiler's kernels do it: slower.
    /// </summary>
    public bool EmittedCode { get; set; } = true;

    /// <summary>A backend as the options say; the model that takes it owns it.</summary>
    /// <param name="threads">Threads where the model needs a number of its own, else null.</param>
    internal IBackend CreateBackend(int? threads = null) =>
        new CpuBackend(threads ?? (Threads == 0 ? Environment.ProcessorCount : Threads), CpuFeatures.Best, EmittedCode);
}
