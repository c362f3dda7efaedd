namespace Inference.Speech.Recognition;

/// <summary>A word and when it was spoken.</summary>
/// <param name="Text">The word with its punctuation, without spaces around it.</param>
/// <param name="Start">Its beginning, since the first sample.</param>
/// <param name="End">Its end.</param>
/// <param name="Confidence">Mean probability of its tokens, 0 to 1.</param>
public sealed record RecognizedWord(string Text, TimeSpan Start, TimeSpan End, float Confidence);
