namespace Inference.InferenceHost.Models;

/// <summary>The model is being loaded or unloaded. UNAVAILABLE, HTTP 503.</summary>
public sealed class ModelNotReadyException(string name, ModelState state)
    : Exception($"the model \"{name}\" is {(state == ModelState.Loading ? "being loaded" : "being unloaded")}");
