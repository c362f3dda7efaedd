namespace Inference.InferenceHost.Models;

/// <summary>As many models are loaded as the host may hold. FAILED_PRECONDITION.</summary>
public sealed class TooManyModelsException(int limit) : Exception($"the host holds its limit of {limit} models: unload one first");
