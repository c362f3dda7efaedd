using System.Buffers;
using Inference.Speech.Audio;

namespace Inference.Speech.Tests.Audio;

public class ResamplerTests
{
    public static TheoryData<int, int> Rates() => new()
    {
        { 8_000, 16_000 }, { 48_000, 16_000 }, { 44_100, 16_000 }, { 22_050, 48_000 }, { 16_000, 22_050 }, { 11_025, 16_000 },
        { 24_000, 8_000 }, { 47_999, 16_000 }, { 16_000, 16_000 }, { 9_973, 44_101 },
    };

    [Theory]
    [MemberData(nameof(Rates))]
    public void A_tone_of_the_pass_band_keeps_its_amplitude_its_phase_and_its_times(int source, int target)
    {
        double frequency = 0.4 * Math.Min(source, target);
        float[] output = Resample(source, target, Tone(source, frequency, source));

        Assert.Equal(((long)source * target + source - 1) / source, output.Length);
        float[] expected = Tone(target, frequency, output.Length);
        double worst = Enumerable.Range(target / 100, output.Length - (target / 50)).Max(i => Math.Abs(output[i] - expected[i]));

        // The ripple of a filter with a stop band of 90 dB is as small as what it lets through.
        Assert.InRange(worst, 0, 2e-4);
    }

    [Theory]
    [InlineData(48_000, 16_000)]
    [InlineData(44_100, 16_000)]
    [InlineData(24_000, 8_000)]
    [InlineData(47_999, 16_000)]
    public void Tones_above_the_new_band_are_90_decibels_down(int source, int target)
    {
        foreach (double share in new[] { 0.5, 0.55, 0.7, 1.0, 1.2, 1.45 }.Where(s => s * target < 0.5 * source))
        {
            float[] output = Resample(source, target, Tone(source, share * target, source));
            double power = output.Skip(target / 100).SkipLast(target / 100).Average(x => (double)x * x);

            Assert.True(10 * Math.Log10((power * 2) + 1e-20) < -85, $"{share} of the new rate: {10 * Math.Log10(power * 2)} dB");
        }
    }

    [Fact]
    public void Images_above_the_old_band_are_90_decibels_down()
    {
        float[] output = Resample(8_000, 48_000, Tone(8_000, 3_000, 8_000));

        // The first image of 3 kHz at a rate of 8 kHz lies at 5 kHz.
        Assert.True(20 * Math.Log10(Amplitude(output, 48_000, 5_000) + 1e-12) < -85);
        Assert.InRange(Amplitude(output, 48_000, 3_000), 0.99, 1.01);
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void Pieces_of_any_size_give_what_the_whole_gives(int source, int target)
    {
        Random random = new(5);
        float[] input = [.. Enumerable.Range(0, 3_000).Select(_ => (float)((2 * random.NextDouble()) - 1))];
        Resampler resampler = new(source, target);
        ArrayBufferWriter<float> output = new();
        for (int at = 0; at < input.Length;)
        {
            int count = Math.Min(random.Next(0, 400), input.Length - at);
            resampler.Push(input.AsSpan(at, count), output);
            at += count;
        }

        resampler.Complete(output);
        Assert.Equal(Resample(source, target, input), output.WrittenSpan.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Hardly_any_input_gives_hardly_any_output(int count)
    {
        Assert.Equal(count * 2, Resample(8_000, 16_000, new float[count]).Length);
    }

    private static float[] Tone(int rate, double frequency, int count) =>
        [.. Enumerable.Range(0, count).Select(i => (float)Math.Sin(2 * Math.PI * frequency * i / rate))];

    private static double Amplitude(float[] samples, int rate, double frequency)
    {
        (double re, double im, int n) = (0, 0, samples.Length - 2_000);
        for (int i = 0; i < n; i++)
        {
            // A Hann window, so that the other tone does not leak.
            double w = 1 - Math.Cos(2 * Math.PI * i / n);
            re += w * samples[i + 1_000] * Math.Cos(2 * Math.PI * frequency * i / rate);
            im += w * samples[i + 1_000] * Math.Sin(2 * Math.PI * frequency * i / rate);
        }

        return 2 * Math.Sqrt((re * re) + (im * im)) / n;
    }

    private static float[] Resample(int source, int target, float[] input)
    {
        Resampler resampler = new(source, target);
        ArrayBufferWriter<float> output = new();
        resampler.Push(input, output);
        resampler.Complete(output);
        return output.WrittenSpan.ToArray();
    }
}
