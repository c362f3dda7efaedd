namespace Inference.DemoRecognizer;

/// <summary>Speech and what it says.</summary>
/// <param name="Text">The words.</param>
/// <param name="Phonemes">The sounds, in the International Phonetic Alphabet.</param>
/// <param name="Samples">16 kHz samples of -1 to 1.</param>
internal sealed record SpokenUtterance(string Text, string Phonemes, float[] Samples);
