namespace Inference.Speech.Synthesis.Vits;

/// <summary>What decides how a part sounds; those of kept phrases.</summary>
internal sealed record VitsPhrase(string Voice, string Text, string Manners, bool EndsSentence);
