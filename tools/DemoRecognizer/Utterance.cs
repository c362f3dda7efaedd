namespace Inference.DemoRecognizer;

/// <summary>What is to be said, and how.</summary>
/// <param name="Text">The words.</param>
/// <param name="Voice">espeak-ng's name of the voice.</param>
/// <param name="Rate">Words a minute.</param>
/// <param name="Pitch">0 to 99.</param>
internal sealed record Utterance(string Text, string Voice, int Rate, int Pitch);
