using System.Buffers;

namespace Inference.Speech.Audio;

/// <summary>Frames of several channels as one.</summary>
internal static class ChannelMix
{
    /// <summary>Appends the mean of each frame's channels, or one of them.</summary>
    /// <param name="frames">Interleaved samples: whole frames.</param>
    /// <param name="channels">Samples of a frame.</param>
    /// <param name="only">The channel to take; null takes the mean.</param>
    /// <param name="output">Where the samples go.</param>
    public static void ToMono(ReadOnlySpan<float> frames, int channels, int? only, IBufferWriter<float> output)
    {
        int count = frames.Length / channels;
        Span<float> samples = output.GetSpan(Math.Max(1, count));
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> frame = frames.Slice(i * channels, channels);
            float sum = only is { } channel ? frame[channel] : 0;
            for (int c = 0; c < channels && only is null; c++)
            {
                sum += frame[c] / channels;
            }

            samples[i] = sum;
        }

        output.Advance(count);
    }
}
