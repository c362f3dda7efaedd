using System.Buffers;
using System.Globalization;
using Inference.Speech.Audio;
using Inference.Speech.Recognition;
using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.TestSupport;

namespace Inference.Speech.Tests.Recognition;

public sealed class LogMelSpectrogramTests : IDisposable
{
    private readonly CpuBackend _backend = new(1);

    [Fact]
    public void A_tone_is_in_the_filters_around_its_frequency()
    {
        float[] tone = [.. Enumerable.Range(0, 16_000).Select(i => MathF.Sin(2 * MathF.PI * 1000 * i / 16_000))];
        using LogMelSpectrogram spectrogram = new(_backend, 80);
        using LogMel mel = spectrogram.Compute(tone);
        float[] middle = mel.Frames.ReadRow(50);
        int loudest = Array.IndexOf(middle, middle.Max());

        Assert.True(spectrogram.Filters.ReadRow(loudest)[25] > 0, "bin 25 is 1 kHz");
        Assert.Equal(mel.Frames.Span.ToArray().Min(), mel.Silence, 1e-6f);
        Assert.Equal(102, mel.Frames.Rows);
    }

    [Fact]
    public void Every_frame_agrees_with_a_plain_transform()
    {
        Random random = new(5);
        float[] samples = [.. Enumerable.Range(0, 1237).Select(_ => (random.NextSingle() * 2) - 1)];
        using LogMelSpectrogram spectrogram = new(_backend, 80);
        using LogMel mel = spectrogram.Compute(samples);
        double[][] expected = [.. Enumerable.Range(0, mel.Frames.Rows).Select(t => Plain(samples, t, spectrogram.Filters))];
        double largest = expected.Max(row => row.Max());
        for (int t = 0; t < expected.Length; t++)
        {
            for (int m = 0; m < 80; m++)
            {
                // Sums of 400 products in F32 err by about 1e-6 of the loudest; a logarithm of quiet ones enlarges that.
                Assert.Equal((Math.Max(expected[t][m], largest - 8) + 4) / 4, mel.Frames.Row(t)[m], 1e-4);
            }
        }
    }

    [Fact]
    public void Silence_is_the_floor_of_a_clip_of_nothing_and_no_samples_are_no_frames()
    {
        using LogMelSpectrogram spectrogram = new(_backend, 128);
        using LogMel none = spectrogram.Compute([]), silence = spectrogram.Compute(new float[800]), one = spectrogram.Compute([0.5f]);

        Assert.Equal(0, none.Frames.Rows);
        Assert.All(silence.Frames.Span.ToArray(), v => Assert.Equal(-1.5f, v, 1e-6f));
        Assert.Equal(2, one.Frames.Rows);
        using Tensor window = none.Window(0, 3);
        Assert.All(window.Span.ToArray(), v => Assert.Equal(none.Silence, v));
    }

    [SharedDataTheory("speech/whisper-assets/mel_filters.npz")]
    [InlineData(80)]
    [InlineData(128)]
    public void The_filters_are_those_of_openai(int mels)
    {
        float[] expected = NumpyArchive.Read(SharedData.Get("speech/whisper-assets/mel_filters.npz"), $"mel_{mels}.npy");
        using LogMelSpectrogram spectrogram = new(_backend, mels);

        // OpenAI's are rounded from librosa's double precision, as ours are from our own formula.
        Assert.All(expected.Zip(spectrogram.Filters.Span.ToArray()), p => Assert.Equal(p.First, p.Second, 1e-7f));
    }

    [SharedDataFact("speech/mel/whisper-logmel-expected.txt")]
    public void A_recorded_clip_has_the_frames_of_another_implementation()
    {
        float[][] expected = [.. File.ReadLines(SharedData.Get("speech/mel/whisper-logmel-expected.txt"))
            .Select(line => line.Split(',').Select(v => float.Parse(v, CultureInfo.InvariantCulture)).ToArray())];
        ArrayBufferWriter<float> samples = new();
        using MonoReader reader = new(AudioDecoders.Create(AudioEncoding.Flac, new AudioFormat(LogMelSpectrogram.SampleRate, 1)), LogMelSpectrogram.SampleRate);
        reader.Push(File.ReadAllBytes(SharedData.Get("speech/mel/1272-141231-0002.flac")), samples);
        reader.Complete(samples);
        using LogMelSpectrogram spectrogram = new(_backend, expected.Length);
        using LogMel mel = spectrogram.Compute(samples.WrittenSpan);

        for (int m = 0; m < expected.Length; m++)
        {
            for (int t = 0; t < expected[m].Length; t++)
            {
                // The figures have six places, those of a transform in single precision: 1e-4 is what quiet filters may err by.
                Assert.Equal(expected[m][t], mel.Frames.Row(t)[m], 1e-4f);
            }
        }
    }

    /// <summary>frame's log10 of the filtered power of the windowed samples, by definition and in double precision.</summary>
    private static double[] Plain(float[] samples, int frame, Tensor filters)
    {
        double[] power = new double[201];
        for (int b = 0; b < power.Length; b++)
        {
            double re = 0, im = 0;
            for (int i = 0; i < 400; i++)
            {
                int at = Math.Abs((frame * 160) - 200 + i);
                double value = at < samples.Length ? samples[at] * (0.5 - (0.5 * Math.Cos(2 * Math.PI * i / 400))) : 0;
                re += value * Math.Cos(2 * Math.PI * b * i / 400);
                im += value * Math.Sin(2 * Math.PI * b * i / 400);
            }

            power[b] = (re * re) + (im * im);
        }

        return [.. Enumerable.Range(0, filters.Rows).Select(m => Math.Log10(Math.Max(1e-10, filters.ReadRow(m).Zip(power, (f, p) => f * p).Sum())))];
    }

    public void Dispose() => _backend.Dispose();
}
