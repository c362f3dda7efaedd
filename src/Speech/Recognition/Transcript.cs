namespace Inference.Speech.Recognition;

/// <summary>The text of a clip.</summary>
/// <param name="Text">All of it.</param>
/// <param name="Language">ISO 639-1 code of the language spoken.</param>
/// <param name="LanguageProbability">1 where the caller told the language.</param>
/// <param name="Duration">Length of the clip.</param>
/// <param name="Segments">The text in pieces, in order.</param>
public sealed record Transcript(
    string Text, string Language, float LanguageProbability, TimeSpan Duration, IReadOnlyList<TranscriptSegment> Segments);
