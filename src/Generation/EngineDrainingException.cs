namespace Inference.Generation;

/// <summary>The engine finishes what runs and takes nothing new. UNAVAILABLE, HTTP 503.</summary>
public sealed class EngineDrainingException() : Exception("the model is being unloaded or the server is shutting down");
