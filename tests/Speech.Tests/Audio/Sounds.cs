using System.Buffers;
using Inference.Speech.Audio;

namespace Inference.Speech.Tests.Audio;

/// <summary>Sounds to write and read.</summary>
internal static class Sounds
{
    /// <summary>Tones, noise, a loud part and silence: all kinds of subframes.</summary>
    public static float[] Mixed(AudioFormat format, double seconds)
    {
        Random random = new(11);
        int frames = (int)(format.SampleRate * seconds);
        float[] samples = new float[frames * format.Channels];
        for (int i = 0; i < frames; i++)
        {
            double t = (double)i / format.SampleRate;
            double tone = 0.3 * Math.Sin(2 * Math.PI * 440 * t);
            for (int c = 0; c < format.Channels; c++)
            {
                double value = (i * 6 / frames) switch { 0 => tone, 1 => tone + (0.05 * (random.NextDouble() - 0.5)), 2 => 0, 3 => random.NextDouble() - 0.5, 4 => 0.99 * Math.Sign(tone), _ => tone / (c + 1) };
                samples[(i * format.Channels) + c] = (float)value;
            }
        }

        return samples;
    }

    public static byte[] Wav(AudioFormat format, ReadOnlySpan<float> samples) =>
        [.. WavHeader.Create(format, samples.Length / format.Channels), .. Pcm16.Encode(samples)];

    /// <summary>All samples, pushed in pieces of a random size.</summary>
    public static float[] Decode(IAudioDecoder decoder, byte[] bytes, int seed = 3, int longest = 5_000)
    {
        Random random = new(seed);
        ArrayBufferWriter<float> output = new();
        for (int at = 0; at < bytes.Length;)
        {
            int count = Math.Min(random.Next(1, longest), bytes.Length - at);
            decoder.Push(bytes.AsSpan(at, count), output);
            at += count;
        }

        decoder.Complete(output);
        return output.WrittenSpan.ToArray();
    }
}
