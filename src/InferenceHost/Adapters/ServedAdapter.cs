using Inference.Generation.Adapters;

namespace Inference.InferenceHost.Adapters;

/// <summary>An adapter that requests may name.</summary>
/// <param name="Model">The base.</param>
/// <param name="Name">Its name, or alias.</param>
/// <param name="Version">The version that the name means; "" for one without versions.</param>
/// <param name="Versions">All versions of the name on disk.</param>
/// <param name="History">What the name meant, the valid target first.</param>
/// <param name="Loaded">The copy in memory, or null.</param>
public sealed record ServedAdapter(
    string Model, string Name, string Version, IReadOnlyList<string> Versions, IReadOnlyList<string> History, AdapterInfo? Loaded);
