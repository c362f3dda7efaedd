using System.Diagnostics.CodeAnalysis;

namespace Inference.Generation;

/// <summary>The engine could not finish the request: a step failed, or the model gave logits that are no numbers. INTERNAL, HTTP 500.</summary>
public sealed class GenerationFailedException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What a request's reader gets of an error.</summary>
    [return: NotNullIfNotNull(nameof(error))]
    internal static GenerationFailedException? From(Exception? error) => error switch
    {
        null => null,
        GenerationFailedException failed => failed,
        _ => new GenerationFailedException($"the engine failed in a step of this request: {error.Message}", error),
    };
}
