using System.ComponentModel.DataAnnotations;

namespace Inference.InferenceHost;

/// <summary>What runs the models. Section "Device".</summary>
public sealed class DeviceOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Device";

    /// <summary>The highest N of cuda:N.</summary>
    public const int MaxCudaIndex = 255;

    /// <summary>
    /// cpu (default); cuda:N, which ends the start where that GPU cannot be used; auto, which takes the CPU then and logs why.
    /// This version has no CUDA backend yet: cuda:N always ends the start, auto always takes the CPU.
    /// </summary>
    public string Name { get; set; } = "cpu";

    /// <summary>Path of libcuda.so.1; empty (default) searches the system's loader and the usual places.</summary>
    public string CudaDriverPath { get; set; } = "";

    /// <summary>Threads of a model's operations. 0 (default) takes one a processor; at most 1,024.</summary>
    [Range(0, 1024)]
    public int Threads { get; set; }

    /// <summary>
    /// Whether products may run on instructions written at run time, where the processor has those that pay (512-bit VNNI, dot products of
    /// BF16). Default true. Without, the compiler's kernels do it: slower, and for quantised weights with the same bits.
    /// </summary>
    public bool EmittedCode { get; set; } = true;
}
