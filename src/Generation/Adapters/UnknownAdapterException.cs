namespace Inference.Generation.Adapters;

/// <summary>There is no adapter of this name. NOT_FOUND, HTTP 404.</summary>
public sealed class UnknownAdapterException(string name) : Exception($"there is no adapter \"{(name.Length > 256 ? name[..256] : name)}\"")
{
    /// <summary>The name asked for.</summary>
    public string Name { get; } = name;
}
