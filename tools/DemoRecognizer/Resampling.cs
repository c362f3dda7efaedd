using System.Buffers;
using Inference.Speech.Audio;

namespace Inference.DemoRecognizer;

/// <summary>Whole clips at another sampling rate.</summary>
internal static class Resampling
{
    /// <summary>The samples at another rate.</summary>
    public static float[] Resample(ReadOnlySpan<float> samples, int from, int to)
    {
        Resampler resampler = new(from, to);
        ArrayBufferWriter<float> output = new(Math.Max(1, (int)((long)samples.Length * to / from) + 1));
        resampler.Push(samples, output);
        resampler.Complete(output);
        return output.WrittenSpan.ToArray();
    }
}
