namespace Inference.Speech.Synthesis.Vits;

/// <summary>A symbol of a voice.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Offset">The code unit of the spoken text that it came from, or the beginning of the word.</param>
internal readonly record struct VitsSymbol(int Id, int Offset);
