using Inference.Generation;

namespace Inference.InferenceHost.Models;

/// <summary>What a request names: a model, and the adapter to answer with.</summary>
/// <param name="Model">The base.</param>
/// <param name="Adapter">"name" or "name@version"; "" for the base alone.</param>
public sealed record NamedModel(LanguageModel Model, string Adapter)
{
    /// <summary>"base" or "base:adapter", as answers show it.</summary>
    public string Name => Adapter.Length == 0 ? Model.Name : $"{Model.Name}:{Adapter}";
}
