using System.Text.Json;
using Inference.Models.Architectures;
using Inference.Tensors.Cpu;
using Inference.TestSupport;

namespace Inference.Models.Tests.Architectures;

/// <summary>The network against onnxruntime on the same .onnx: tests/golden/vits-onnxruntime.json says how it was made.</summary>
public sealed class VitsGoldenTests
{
    /// <summary>Where the .onnx is also written, to be run by tests/golden/vits-onnxruntime.mjs.</summary>
    private const string OutputVariable = "VITS_ONNX";

    private static readonly VitsConfig Config = TinyVits.Piper with
    {
        Speakers = 1,
        SpeakerSize = 0,
        Durations = TinyVits.Plain.Durations,
    };

    /// <summary>Both sum in F32, each in its own order.</summary>
    [Fact]
    public void Durations_frames_and_samples_agree_with_onnxruntime()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(SharedData.RepositoryRoot, "tests", "golden", "vits-onnxruntime.json")));
        int[] symbols = [.. golden.RootElement.GetProperty("symbols").EnumerateArray().Select(s => s.GetInt32())];
        double[] expected = Numbers("samples"), logDurations = Numbers("log_durations");
        using TemporaryDirectory directory = new();
        using CpuBackend backend = new(2);
        string path = Environment.GetEnvironmentVariable(OutputVariable) ?? directory.File("voice.onnx");
        new VitsOnnxGraph(Config, 11, symbols.Length).Write(path);
        using Vits model = Vits.Load(path, backend);

        using VitsUtterance utterance = model.Encode(symbols, [.. symbols.Select(_ => 1f)], new VitsManner(0, 0));

        Assert.Equal(logDurations.Select(d => (int)Math.Ceiling(Math.Exp(d))), utterance.Durations);
        float[] samples = new float[utterance.Frames * model.FrameLength];
        model.Decode(utterance, 0, utterance.Frames, samples);
        Agree(Numbers("frame"), utterance.Latents.Row(utterance.Frames / 2).ToArray());
        Agree(expected, [.. samples.Where((_, i) => i % 7 == 0)]);

        double[] Numbers(string key) => [.. golden.RootElement.GetProperty(key).EnumerateArray().Select(v => v.GetDouble())];
    }

    private static void Agree(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 2e-5 * largest));
    }
}
