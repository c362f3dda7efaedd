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
}
