namespace Inference.Speech.Recognition;

/// <summary>What has been understood of the running utterance.</summary>
/// <param name="Text">The whole utterance so far.</param>
/// <param name="StableText">Its beginning that no later result changes (two passes agreed on it); all of it when final.</param>
/// <param name="Words">The words of <paramref name="Text"/>, with times since the utterance's first sample.</param>
/// <param name="IsFinal">The utterance is over.</param>
/// <param name="Stability">Share of the text that is stable, 0 to 1.</param>
/// <param name="Confidence">Mean probability of the tokens, 0 to 1; 0 without any.</param>
/// <param name="Language">ISO 639-1 code.</param>
/// <param name="AudioProcessed">Audio of the utterance that this result has seen.</param>
public sealed record RecognitionUpdate(
    string Text,
    string StableText,
    IReadOnlyList<RecognizedWord> Words,
    bool IsFinal,
    float Stability,
    float Confidence,
    string Language,
    TimeSpan AudioProcessed)
{
    /// <summary>Final, but only a piece of an utterance that was too long for one: the next result is about what follows it.</summary>
    public bool GoesOn { get; init; }
}
