namespace Inference.Speech.Recognition;

/// <summary>The transcript of a window.</summary>
/// <param name="Tokens">Tokens after the prompt, timestamps included, the end left out.</param>
/// <param name="LogProbabilities">Log-probability of each token under the rules.</param>
/// <param name="MeanLogProbability">Of the tokens and the end.</param>
/// <param name="NoSpeechProbability">Probability of silence; 0 for a model that does not give it.</param>
/// <param name="CompressionRatio">zlib's ratio on the text.</param>
/// <param name="Temperature">The temperature that passed.</param>
/// <param name="Words">The words with times, where they were asked for.</param>
/// <param name="IsSilence">Nobody speaks: the tokens do not count.</param>
internal sealed record WindowResult(
    IReadOnlyList<int> Tokens,
    IReadOnlyList<float> LogProbabilities,
    float MeanLogProbability,
    float NoSpeechProbability,
    float CompressionRatio,
    float Temperature,
    IReadOnlyList<RecognizedWord> Words,
    bool IsSilence = false);
