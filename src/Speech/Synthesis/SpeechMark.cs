namespace Inference.Speech.Synthesis;

/// <summary>A place in the text and when it is heard.</summary>
/// <param name="Kind">What begins there.</param>
/// <param name="TextOffset">UTF-16 code units into the plain text: the request's own, or <see cref="SpeechMarkup.PlainText"/> of SSML.</param>
/// <param name="TextLength">Code units of the word or sentence; 0 for a named mark.</param>
/// <param name="Sample">Samples since the text's beginning.</param>
/// <param name="Name">A named mark's name.</param>
public sealed record SpeechMark(SpeechMarkKind Kind, int TextOffset, int TextLength, long Sample, string? Name = null);
