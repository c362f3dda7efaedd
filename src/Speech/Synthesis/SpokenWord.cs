namespace Inference.Speech.Synthesis;

/// <summary>A word: where it stands in the text, and its first sample.</summary>
internal readonly record struct SpokenWord(int Offset, int Length, int Sample);
