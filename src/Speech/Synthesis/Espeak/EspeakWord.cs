namespace Inference.Speech.Synthesis.Espeak;

/// <summary>Where a word begins: code points of the text, and samples.</summary>
internal readonly record struct EspeakWord(int Position, int Length, int Sample);
