using System.ComponentModel.DataAnnotations;

namespace Inference.InferenceHost.Models;

/// <summary>Which models a host serves. Section "Models".</summary>
public sealed class ModelsOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Models";

    /// <summary>Directories that models may come from; relative ones start at the program's directory.</summary>
    public string[] Roots { get; set; } = [];

    /// <summary>Models to load at start, in this order.</summary>
    public ModelSource[] Load { get; set; } = [];

    /// <summary>Model of requests that name none; absent means the first one loaded.</summary>
    public string? Default { get; set; }

    /// <summary>Models that may be loaded at once. 1 to 1,000, default 8.</summary>
    [Range(1, 1000)]
    public int MaxLoaded { get; set; } = 8;
}
