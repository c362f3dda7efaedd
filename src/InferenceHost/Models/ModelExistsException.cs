namespace Inference.InferenceHost.Models;

/// <summary>A model of this name is loaded or being loaded. ALREADY_EXISTS.</summary>
public sealed class ModelExistsException(string name) : Exception($"there is a model \"{name}\" already");
