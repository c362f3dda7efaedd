namespace Inference.JobWorker.Models;

/// <summary>Which models jobs may build on. Section "Models", which the inference host reads too.</summary>
public sealed class BaseModelOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Models";

    /// <summary>
    /// Directories whose models (a directory with config.json, or a .gguf file) may be named without their path; relative ones start at the
    /// program's directory.
    /// </summary>
    public string[] Roots { get; set; } = [];

    /// <summary>Models under names of their own, at absolute paths or under a root.</summary>
    public NamedModel[] Load { get; set; } = [];

    /// <summary>A model under a name of its own.</summary>
    public sealed class NamedModel
    {
        /// <summary>Name that jobs use.</summary>
        public string Name { get; set; } = "";

        /// <summary>Directory or .gguf file.</summary>
        public string Path { get; set; } = "";
    }
}
