using System.Buffers;
using Inference.Models.Weights;
using Inference.Speech.Audio;
using Inference.Speech.VoiceActivity;
using Inference.Tensors.Cpu;
using Inference.TestSupport;

namespace Inference.Speech.Tests.VoiceActivity;

public class VoiceActivityTests
{
    private const string Weights = "speech/silero_vad_16k.safetensors", Speech = "speech/jfk.wav";

    [SharedDataFact(Weights)]
    public void Silero_finds_the_segments_that_whisper_cpp_finds()
    {
        using SileroModel model = new(SharedData.Get(Weights), new CpuBackend(1));
        float[] samples = Jfk();

        // jfk.expected.json: 344 probabilities, 4 segments, the first from 0.32 s on, the last to 10.51 s.
        Assert.Equal(344, SpeechSegments.Probabilities(model, samples).Length);
        IReadOnlyList<SpeechSegment> segments = SpeechSegments.Find(model, samples);
        Assert.Equal(4, segments.Count);
        Assert.InRange(segments[0].Start / 16_000.0, 0.25, 0.36);
        Assert.InRange(segments[^1].End / 16_000.0, 10.3, 10.7);
    }

    [SharedDataFact(Weights)]
    public void Silero_agrees_with_a_plain_implementation()
    {
        using SileroModel model = new(SharedData.Get(Weights), new CpuBackend(1));
        using SafetensorsFile file = SafetensorsFile.Open(SharedData.Get(Weights));
        float[] samples = Jfk();
        PlainSilero plain = new(file);
        IVoiceActivityDetector detector = model.CreateDetector();
        for (int i = 0; i < 120; i++)
        {
            // Sums of a few hundred float products in another order, through a recurrence: a few units in the fifth place.
            Assert.Equal(plain.Next(samples.AsSpan(i * 512, 512)), detector.Next(samples.AsSpan(i * 512, 512)), 1e-4f);
        }
    }

    [SharedDataFact(Weights)]
    public void Streams_that_take_turns_do_not_disturb_each_other()
    {
        using SileroModel model = new(SharedData.Get(Weights), new CpuBackend(1));
        float[] samples = Jfk();
        float[] alone = SpeechSegments.Probabilities(model, samples);
        IVoiceActivityDetector first = model.CreateDetector(), second = model.CreateDetector();
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(alone[i], first.Next(samples.AsSpan(i * 512, 512)));
            second.Next(samples.AsSpan((i + 40) * 512, 512));
        }
    }

    [Fact]
    public void Weights_of_something_else_are_refused()
    {
        using TemporaryDirectory directory = new();
        string path = directory.File("other.safetensors");
        File.WriteAllBytes(path, [2, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}']);

        Assert.Contains("stft_conv.weight", Assert.Throws<ModelFormatException>(() => new SileroModel(path, new CpuBackend(1))).Message, StringComparison.Ordinal);
    }

    [SharedDataFact(Speech)]
    public void Without_weights_most_frames_of_speech_are_found()
    {
        using IVoiceActivityModel model = VoiceActivityModels.Open(null, () => new CpuBackend(1));
        IReadOnlyList<SpeechSegment> segments = SpeechSegments.Find(model, Jfk());

        // The recording is noisy: the shorter pauses are not found.
        Assert.Equal("energy", model.Name);
        Assert.NotEmpty(segments);
        Assert.InRange(segments.Sum(s => s.End - s.Start) / 16_000.0, 6, 10.2);
        Assert.InRange(segments[0].Start / 16_000.0, 0.1, 0.6);
    }

    [Fact]
    public void Without_weights_silence_noise_and_tones_are_no_speech()
    {
        using EnergyModel model = new();
        Random random = new(5);
        float[] noise = [.. Enumerable.Range(0, 80_000).Select(_ => (float)(0.2 * (random.NextDouble() - 0.5)))];
        float[] tone = [.. Enumerable.Range(0, 80_000).Select(i => (float)(0.3 * Math.Sin(2 * Math.PI * 440 * i / 16_000)))];

        Assert.Empty(SpeechSegments.Find(model, new float[80_000]));
        Assert.Empty(SpeechSegments.Find(model, noise));
        Assert.Empty(SpeechSegments.Find(model, tone));
        Assert.Empty(SpeechSegments.Find(model, []));
        Assert.Empty(SpeechSegments.Find(model, [float.NaN]));
    }

    internal static float[] Jfk()
    {
        using MonoReader reader = new(AudioDecoders.Create(AudioEncoding.Wav, default), 16_000);
        ArrayBufferWriter<float> samples = new();
        reader.Push(File.ReadAllBytes(SharedData.Get(Speech)), samples);
        reader.Complete(samples);
        return samples.WrittenSpan.ToArray();
    }
}
