using Inference.Models.Architectures;
using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.TestSupport;

namespace Inference.Models.Tests.Architectures;

public sealed class VitsTests : IDisposable
{
    private static readonly int[] Symbols = [0, 7, 0, 3, 0, 19, 0, 3, 0, 11, 0];

    private readonly TemporaryDirectory _directory = new();
    private readonly CpuBackend _backend = new(2);

    public static TheoryData<string> Kinds() => ["Mms", "Piper", "Plain"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Durations_frames_and_samples_agree_with_a_plain_implementation(string kind)
    {
        VitsConfig config = Config(kind);
        RandomVits.WriteHuggingFace(_directory.Path, config, DType.F32, 7, 16_000);
        using Vits model = Vits.Load(_directory.Path, _backend);
        int speaker = config.Speakers - 1;
        using VitsUtterance utterance = model.Encode(Symbols, Ones(Symbols.Length), new VitsManner(0, 0, speaker));
        float[] samples = Decode(model, utterance, utterance.Frames);

        PlainVits plain = new(config, Cached(name => RandomVits.Values(name, config, 7)));
        if (config.SpeakerSize > 0)
        {
            plain.Speaker = [.. RandomVits.Values("embed_speaker.weight", config, 7).Skip(speaker * config.SpeakerSize).Take(config.SpeakerSize).Select(v => (double)v)];
        }

        (double[][] hidden, double[][] means) = plain.EncodeText(Symbols);
        double[] durations = [.. plain.LogDurations(hidden, [new double[Symbols.Length], new double[Symbols.Length]]).Select(v => Math.Ceiling(Math.Exp(v)))];
        Assert.Equal(durations, utterance.Durations.Select(d => (double)d));
        int[] owners = [.. durations.SelectMany((d, i) => Enumerable.Repeat(i, (int)d))];
        double[][] frames = plain.ReverseFlow([.. means.Select(channel => owners.Select(i => channel[i]).ToArray())]);
        Close([.. Enumerable.Range(0, utterance.Frames).SelectMany(t => frames.Select(channel => channel[t]))], utterance.Latents.Span, 2e-5);
        Close(plain.Decode(frames), samples, 5e-5);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_text_decoded_in_pieces_has_the_bits_of_the_whole(string kind)
    {
        RandomVits.WriteHuggingFace(_directory.Path, Config(kind), DType.F32, 3, 16_000);
        using Vits model = Vits.Load(_directory.Path, _backend);
        int[] symbols = [.. Enumerable.Range(0, 80).Select(i => i * 7 % 20)];
        float[] lengths = [.. Enumerable.Repeat(1f, symbols.Length)];
        using VitsUtterance utterance = model.Encode(symbols, lengths, new VitsManner(Seed: 5)), inPieces = model.Encode(symbols, lengths, new VitsManner(Seed: 5));
        int step = Math.Max(7, utterance.Frames / 9);
        Assert.True(step + (2 * model.Config.Vocoder.Reach) < utterance.Frames, $"{utterance.Frames} frames are too few for this test");

        float[] whole = Decode(model, utterance, utterance.Frames);

        Assert.Equal(whole, Decode(model, inPieces, step));
        Assert.Equal(whole[..model.FrameLength], Decode(model, inPieces, 1, 1));
    }

    [Fact]
    public void Noise_follows_the_seed_and_lengths_stretch_symbols()
    {
        RandomVits.WriteHuggingFace(_directory.Path, TinyVits.Mms, DType.F32, 3, 16_000);
        using Vits model = Vits.Load(_directory.Path, _backend);
        float[] doubled = Ones(Symbols.Length);
        doubled[3] = 10;
        using VitsUtterance first = model.Encode(Symbols, Ones(Symbols.Length), new VitsManner(Seed: 1));
        using VitsUtterance again = model.Encode(Symbols, Ones(Symbols.Length), new VitsManner(Seed: 1));
        using VitsUtterance other = model.Encode(Symbols, Ones(Symbols.Length), new VitsManner(Seed: 2));
        using VitsUtterance stretched = model.Encode(Symbols, doubled, new VitsManner(Seed: 1));

        Assert.Equal(Decode(model, first, first.Frames), Decode(model, again, again.Frames));
        Assert.NotEqual(Decode(model, first, 1, 1), Decode(model, other, 1, 1));
        Assert.InRange(stretched.Durations[3], (first.Durations[3] * 10) - 10, first.Durations[3] * 10);
        Assert.Equal(first.Durations.Sum() - first.Durations[3], stretched.Durations.Sum() - stretched.Durations[3]);
    }

    [Fact]
    public void Samples_do_not_depend_on_the_number_of_threads()
    {
        RandomVits.WriteHuggingFace(_directory.Path, TinyVits.Piper, DType.F16, 3, 16_000);
        using CpuBackend alone = new(1);
        using Vits model = Vits.Load(_directory.Path, _backend), single = Vits.Load(_directory.Path, alone);
        using VitsUtterance utterance = model.Encode(Symbols, Ones(Symbols.Length), default), same = single.Encode(Symbols, Ones(Symbols.Length), default);

        Assert.Equal(Decode(model, utterance, utterance.Frames), Decode(single, same, same.Frames));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Samples_are_the_same_where_the_host_does_not_reach_the_backends_memory(string kind)
    {
        VitsConfig config = Config(kind);
        RandomVits.WriteHuggingFace(_directory.Path, config, DType.F32, 3, 16_000);
        VitsManner manner = new(Seed: 4, Speaker: config.Speakers - 1);
        using IsolatedBackend isolated = new(new CpuBackend(2));
        using (Vits model = Vits.Load(_directory.Path, _backend), other = Vits.Load(_directory.Path, isolated))
        {
            using VitsUtterance utterance = model.Encode(Symbols, Ones(Symbols.Length), manner), same = other.Encode(Symbols, Ones(Symbols.Length), manner);
            float[] expected = Decode(model, utterance, 9);

            Assert.Equal(utterance.Durations, same.Durations);
            Assert.Equal(expected, Decode(other, same, 9));
            (int allocations, int uploads, int downloads) = (isolated.Allocations, isolated.Uploads, isolated.Downloads);
            Assert.Equal(expected[..(9 * model.FrameLength)], Decode(other, same, 9, 9));
            Assert.Equal((allocations, uploads, downloads + 1), (isolated.Allocations, isolated.Uploads, isolated.Downloads));
        }

        Assert.Equal(0, isolated.Bytes);
    }

    [Fact]
    public void A_symbol_or_a_voice_that_does_not_exist_is_refused()
    {
        RandomVits.WriteHuggingFace(_directory.Path, TinyVits.Piper, DType.F32, 3, 16_000);
        using Vits model = Vits.Load(_directory.Path, _backend);

        Assert.ThrowsAny<ArgumentException>(() => model.Encode([20], [1], default));
        Assert.ThrowsAny<ArgumentException>(() => model.Encode([1], [1], new VitsManner(Speaker: 3)));
        Assert.ThrowsAny<ArgumentException>(() => model.Encode([], [], default));
        Assert.Throws<InvalidOperationException>(() => model.Encode([1], [float.NaN], default));
        Assert.Throws<InvalidOperationException>(() => model.Encode([.. Enumerable.Repeat(1, 100)], [.. Enumerable.Repeat(1e9f, 100)], default));
    }

    public void Dispose()
    {
        _backend.Dispose();
        _directory.Dispose();
    }

    private static VitsConfig Config(string kind) => kind switch { "Mms" => TinyVits.Mms, "Piper" => TinyVits.Piper, _ => TinyVits.Plain };

    private static float[] Ones(int count) => [.. Enumerable.Repeat(1f, count)];

    private static float[] Decode(Vits model, VitsUtterance utterance, int step, int? frames = null)
    {
        int end = frames ?? utterance.Frames;
        float[] samples = new float[end * model.FrameLength];
        for (int first = 0; first < end; first += step)
        {
            int count = Math.Min(step, end - first);
            model.Decode(utterance, first, count, samples.AsSpan(first * model.FrameLength, count * model.FrameLength));
        }

        return samples;
    }

    private static Func<string, float[]> Cached(Func<string, float[]> read)
    {
        Dictionary<string, float[]> values = [];
        return name => values.TryGetValue(name, out float[]? kept) ? kept : values[name] = read(name);
    }

    /// <summary>
    /// Differences relative to the largest magnitude: some dozens of layers, each of sums of hundreds of products in F32 (about
    /// sqrt(n) * 6e-8), and exponentials of 2 ulp.
    /// </summary>
    private static void Close(double[] expected, ReadOnlySpan<float> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = expected.Max(Math.Abs);
        Assert.True(largest > 1e-3, "everything is nearly zero");
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * largest, $"{actual[i]} at {i}, expected {expected[i]}; the largest is {largest}");
        }
    }
}
