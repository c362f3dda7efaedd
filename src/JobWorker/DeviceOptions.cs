namespace Inference.JobWorker;

/// <summary>What trainers run on: the processor, whatever device runs models that are served. Section "Device"; <see cref="WorkerOptions.Threads"/> has the threads.</summary>
public sealed class DeviceOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Device";

    /// <summary>
    /// Whether products may run on instructions written at run time, where the processor has those that pay. Default true. Without, the
    /// compiler's kernels do it: slower.
    /// </summary>
    public bool EmittedCode { get; set; } = true;
}
