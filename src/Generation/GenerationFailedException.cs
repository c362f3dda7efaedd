namespace Inference.Generation;

/// <summary>The engine could not finish the request: a step failed, or the model gave logits that are no numbers. INTERNAL, HTTP 500.</summary>
public sealed class GenerationFailedException(string message, Exception? inner = null) : Exception(message, inner);
