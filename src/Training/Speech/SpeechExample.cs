namespace Inference.Training.Speech;

/// <summary>One utterance.</summary>
/// <param name="Mel">Log-mel frames, [frames, mels], row by row; an even number of frames.</param>
/// <param name="Tokens">The decoder's tokens: the start of a transcript, language and task, the text, the end. All but the first are predicted.</param>
/// <param name="Labels">What is said, in the classes of the auxiliary loss at the encoder: phonemes, say; none for silence.</param>
/// <param name="PromptLength">So many of the tokens, the first, are text that came before: neither they nor the start that follows is predicted.</param>
public sealed record SpeechExample(float[] Mel, int[] Tokens, int[] Labels, int PromptLength = 0);
