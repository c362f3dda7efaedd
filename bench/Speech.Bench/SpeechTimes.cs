namespace Inference.Speech.Bench;

/// <summary>Times of a model.</summary>
/// <param name="Encode">Milliseconds to encode 30 s.</param>
/// <param name="Token">Milliseconds of a token that is decoded alone.</param>
internal readonly record struct SpeechTimes(double Encode, double Token);
