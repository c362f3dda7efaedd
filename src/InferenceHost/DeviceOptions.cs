using System.ComponentModel.DataAnnotations;

namespace Inference.InferenceHost;

/// <summary>What runs the models. Section "Device".</summary>
public sealed class DeviceOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Device";

    /// <summary>Threads of a model's operations. 0 (default) takes one a processor; at most 1,024.</summary>
    [Range(0, 1024)]
    public int Threads { get; set; }

    /// <summary>
    /// Whether products may run on instructions written at run time, where the processor has those that pay (512-bit VNNI, dot products of
    /// BF16). Default true. Without, the compiler's kernels do it: slower, and for quantised weights with the same bits.
    /// </summary>
    public bool EmittedCode { get; set; } = true;
}
