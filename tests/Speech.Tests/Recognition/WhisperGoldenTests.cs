using System.Text.Json;
using Inference.Models;
using Inference.Models.Architectures;
using Inference.Speech.Recognition;
using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.TestSupport;

namespace Inference.Speech.Tests.Recognition;

/// <summary>Encoder, logits and token choice against whisper.cpp on the same files: tests/golden/whisper-cpp.json says how they were made.</summary>
public sealed class WhisperGoldenTests
{
    private const int LogitStep = 3001;

    private static readonly WhisperConfig Config = new()
    {
        MelCount = 80,
        HiddenSize = 128,
        EncoderLayers = 4,
        EncoderHeads = 2,
        EncoderIntermediateSize = 512,
        DecoderLayers = 2,
        DecoderHeads = 2,
        DecoderIntermediateSize = 512,
        VocabularySize = 51_865,
    };

    /// <summary>
    /// whisper.cpp rounds activations to F16 (matrices of floats) or to 8 bits (quantised ones), takes gelu from a table of halves
    /// and keeps the cache in F16: root mean square differences of so much of the values' own.
    /// </summary>
    [Theory]
    [InlineData(DType.F16, 0.002)]
    [InlineData(DType.Q8_0, 0.02)]
    [InlineData(DType.Q5_1, 0.02)]
    [InlineData(DType.Q4_0, 0.02)]
    public void States_logits_and_token_agree_with_whisper_cpp(DType type, double tolerance)
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(SharedData.RepositoryRoot, "tests", "golden", "whisper-cpp.json")));
        JsonElement expected = golden.RootElement.GetProperty("formats").GetProperty(type.ToString());
        using TemporaryDirectory directory = new();
        using CpuBackend backend = new(2);
        RandomWhisper.WriteGgml(directory.File("model.bin"), Config, type, 1, new float[80 * 201], SmallVocabulary.Bytes);
        using Whisper model = Whisper.Load(directory.File("model.bin"), backend);
        using LogMelSpectrogram spectrogram = new(backend, 80);
        using LogMel mel = spectrogram.Compute(Sound());
        using Tensor window = mel.Window(0, 3000);
        using Tensor encoded = model.Encode(window, 0, 3000);
        foreach (JsonProperty row in expected.GetProperty("rows").EnumerateObject())
        {
            Agree(Numbers(row.Value), encoded.Row(int.Parse(row.Name))[..16], tolerance, $"row {row.Name}");
        }

        using WhisperDecoder decoder = model.CreateDecoder(1, DType.F32);
        decoder.Begin(0, encoded);
        using Tensor logits = Tensor.Allocate(1, Config.VocabularySize);
        int[] prompt = [.. golden.RootElement.GetProperty("prompt").EnumerateArray().Select(t => t.GetInt32())];
        decoder.Forward([new WhisperDecodeStep(0, prompt, 0)], logits);
        float[] all = logits.Span.ToArray();
        Agree(Numbers(expected.GetProperty("logits")), [.. Enumerable.Range(0, 16).Select(i => all[i * LogitStep % all.Length])], tolerance, "logits");
        Assert.Equal(expected.GetProperty("token").GetInt32(), Array.IndexOf(all, all.Max()));
    }

    private static double[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(v => v.GetDouble())];

    private static void Agree(double[] expected, ReadOnlySpan<float> actual, double tolerance, string what)
    {
        double error = 0, size = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            error += Math.Pow(expected[i] - actual[i], 2);
            size += Math.Pow(expected[i], 2);
        }

        Assert.True(Math.Sqrt(error / size) <= tolerance, $"{what} differs by {Math.Sqrt(error / size)} of its size");
    }

    /// <summary>Five seconds: a rising tone and a throbbing one.</summary>
    private static float[] Sound() =>
    [
        .. Enumerable.Range(0, 5 * 16_000).Select(i => i / 16_000.0).Select(t => (float)(
            (0.3 * Math.Sin(2 * Math.PI * (200 + (150 * t)) * t)) + (0.2 * Math.Sin(2 * Math.PI * 1500 * t) * Math.Sin(2 * Math.PI * 3 * t)))),
    ];
}
