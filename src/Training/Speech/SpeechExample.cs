namespace Inference.Training.Speech;

/// <summary>One utterance.</summary>
/// <param name="Mel">Log-mel frames, [frames, mels], row by row; an even number of frames.</param>
/// <param name="Tokens">The decoder's tokens: the start of a transcript, the text, the end.</param>
/// <param name="PromptLength">Tokens at the start that are given, not predicted.</param>
public sealed record SpeechExample(float[] Mel, int[] Tokens, int PromptLength);
