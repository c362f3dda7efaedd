using Inference.Generation;

namespace Inference.InferenceHost.OpenAi;

/// <summary>Ends of answers in OpenAI's words.</summary>
internal static class FinishReasons
{
    /// <summary>"stop", "length" or null; an answer that the server cut off has no word there.</summary>
    /// <exception cref="EngineDrainingException">The answer was cut off because the model goes.</exception>
    public static string? Name(FinishReason? reason) => reason switch
    {
        null => null,
        FinishReason.Stop => "stop",
        FinishReason.Length => "length",
        _ => throw new EngineDrainingException(),
    };
}
