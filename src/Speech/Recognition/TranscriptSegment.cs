namespace Inference.Speech.Recognition;

/// <summary>A piece of a transcript, with the figures of the window that it comes from.</summary>
/// <param name="Start">Its beginning in the clip.</param>
/// <param name="End">Its end.</param>
/// <param name="Text">Its text, as the model spells it: it may begin with a space.</param>
/// <param name="Tokens">Its text tokens.</param>
/// <param name="Words">Its words with times in the clip; empty unless they were asked for.</param>
/// <param name="Temperature">The temperature that its window was decoded with.</param>
/// <param name="MeanLogProbability">Mean log-probability of the window's tokens.</param>
/// <param name="CompressionRatio">zlib's compression ratio of the window's text.</param>
/// <param name="NoSpeechProbability">Probability that the window is silence.</param>
public sealed record TranscriptSegment(
    TimeSpan Start,
    TimeSpan End,
    string Text,
    IReadOnlyList<int> Tokens,
    IReadOnlyList<RecognizedWord> Words,
    float Temperature,
    float MeanLogProbability,
    float CompressionRatio,
    float NoSpeechProbability);
