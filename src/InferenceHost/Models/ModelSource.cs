namespace Inference.InferenceHost.Models;

/// <summary>A model to load at start.</summary>
public sealed class ModelSource
{
    /// <summary>Name under which it is served.</summary>
    public string Name { get; set; } = "";

    /// <summary>Directory or .gguf file under a model root, or an absolute path, which only the configuration may give.</summary>
    public string Path { get; set; } = "";

    /// <summary>A smaller model of the same vocabulary that guesses how answers go on, given as <see cref="Path"/> is; absent for none.</summary>
    public string? DraftPath { get; set; }
}
