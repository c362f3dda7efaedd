namespace Inference.InferenceHost.Models;

/// <summary>No model of this name is loaded. NOT_FOUND, HTTP 404.</summary>
public sealed class UnknownModelException(string name)
    : Exception(name.Length == 0 ? "no model is loaded" : $"there is no model \"{(name.Length > 128 ? name[..128] : name)}\"")
{
    /// <summary>The name asked for.</summary>
    public string Name { get; } = name;
}
