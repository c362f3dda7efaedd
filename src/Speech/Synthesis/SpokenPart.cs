namespace Inference.Speech.Synthesis;

/// <summary>A part's audio.</summary>
/// <param name="Samples">-1 to 1.</param>
/// <param name="Words">Offset and length in the text, and the first sample; in order.</param>
internal sealed record SpokenPart(ReadOnlyMemory<float> Samples, IReadOnlyList<SpokenWord> Words);
