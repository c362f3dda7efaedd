namespace Inference.Speech.Synthesis.Vits;

/// <summary>Volume, frame by frame.</summary>
internal static class VitsGain
{
    /// <summary>Multiplies samples by the gains of their frames, going from one to the next within a frame, and keeps them within -1 to 1.</summary>
    /// <param name="samples">Those of whole frames.</param>
    /// <param name="gains">Of every frame of the utterance.</param>
    /// <param name="first">The samples' first frame.</param>
    /// <param name="frameLength">Samples of a frame.</param>
    public static void Apply(Span<float> samples, ReadOnlySpan<float> gains, int first, int frameLength)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            int frame = first + (i / frameLength);
            float before = gains[Math.Max(0, frame - 1)], gain = before + ((gains[frame] - before) * (i % frameLength) / frameLength);
            samples[i] = Math.Clamp(samples[i] * gain, -1, 1);
        }
    }
}
