namespace Inference.Speech.Synthesis.Espeak;

/// <summary>A spoken sentence.</summary>
internal sealed record EspeakAudio(int SampleRate, float[] Samples, IReadOnlyList<EspeakWord> Words);
