namespace Inference.Speech.Synthesis;

/// <summary>A request that cannot be spoken as it is.</summary>
/// <param name="field">The request's field.</param>
/// <param name="message">What is wrong with it, with the value and the limit.</param>
public sealed class SpeechRequestException(string field, string message) : ArgumentException($"{field}: {message}")
{
    /// <summary>The request's field.</summary>
    public string Field { get; } = field;

    /// <summary>What is wrong with it.</summary>
    public string Reason { get; } = message;
}
