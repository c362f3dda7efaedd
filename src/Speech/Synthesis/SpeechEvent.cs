namespace Inference.Speech.Synthesis;

/// <summary>Something between the words: a named mark, or a silence.</summary>
/// <param name="Offset">Before the text at this offset.</param>
/// <param name="MarkName">The mark's name; null for a silence.</param>
/// <param name="Pause">The silence's length; zero for a mark.</param>
internal readonly record struct SpeechEvent(int Offset, string? MarkName, TimeSpan Pause);
