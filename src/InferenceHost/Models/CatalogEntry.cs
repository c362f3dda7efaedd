using Inference.Generation;

namespace Inference.InferenceHost.Models;

/// <summary>A model of the catalog at one moment.</summary>
/// <param name="Name">Name under which it is served.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="Model">The model; null while it is loading.</param>
/// <param name="Facts">What its files say; null while it is loading.</param>
/// <param name="LoadedAt">When it became ready; null before.</param>
public sealed record CatalogEntry(string Name, ModelState State, LanguageModel? Model, ModelFacts? Facts, DateTimeOffset? LoadedAt);
