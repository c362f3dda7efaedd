using Inference.Models.Architectures;
using Inference.Models.Weights;
using Inference.Tensors;
using Inference.Tensors.Cpu;
using Inference.TestSupport;

namespace Inference.Models.Tests.Architectures;

/// <summary>The same random weights in each of the layouts that voices come in.</summary>
public sealed class VitsFilesTests : IDisposable
{
    private const ulong Seed = 5;

    private static readonly int[] Symbols = [1, 0, 7, 0, 3, 0, 2];

    private readonly TemporaryDirectory _directory = new();
    private readonly CpuBackend _backend = new(2);

    public static TheoryData<string> Kinds() => ["Mms", "Piper", "Plain"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_piper_voice_speaks_as_the_same_weights_do_in_a_directory(string kind)
    {
        VitsConfig config = kind switch { "Mms" => TinyVits.Mms, "Piper" => TinyVits.Piper, _ => TinyVits.Plain with { Window = 4 } };
        RandomVits.WriteHuggingFace(_directory.File("hf"), config, DType.F32, Seed, 16_000);
        RandomVits.WritePiper(_directory.File("piper.onnx"), config, Seed);
        PiperExport.Write(_directory.File("exported.onnx"), config, Seed);
        float[] expected = Speak(_directory.File("hf"));

        Assert.Equal(expected, Speak(_directory.File("piper.onnx")));
        Close(expected, Speak(_directory.File("exported.onnx")), 1e-5);
    }

    /// <summary>Folding g v / |v| rounds each weight once or twice.</summary>
    [Theory]
    [InlineData("weight_g", "weight_v")]
    [InlineData("parametrizations.weight.original0", "parametrizations.weight.original1")]
    public void Weight_norm_is_folded_under_both_of_its_names(string magnitude, string direction)
    {
        VitsConfig config = TinyVits.Piper;
        RandomVits.WriteHuggingFace(_directory.File("folded"), config, DType.F32, Seed, 16_000);
        RandomVits.WriteHuggingFace(_directory.File("apart"), config, DType.F32, Seed, 16_000);
        List<TensorSource> tensors = [];
        foreach (TensorShape tensor in RandomVits.Tensors(config))
        {
            float[] values = RandomVits.Values(tensor.Name, config, Seed);
            if (!tensor.Name.EndsWith(".weight", StringComparison.Ordinal) || tensor.Shape.Length != 3 || !(tensor.Name.Contains("wavenet") || tensor.Name.StartsWith("decoder.")))
            {
                tensors.Add(Source(tensor.Name, values, tensor.Shape));
                continue;
            }

            int length = values.Length / tensor.Shape[0];
            float[] norms = [.. values.Chunk(length).Select(row => MathF.Sqrt(row.Sum(v => v * v)))];
            tensors.Add(Source(tensor.Name.Replace("weight", magnitude, StringComparison.Ordinal), norms, [norms.Length, 1, 1]));
            tensors.Add(Source(tensor.Name.Replace("weight", direction, StringComparison.Ordinal), [.. values.Select(v => 3 * v)], tensor.Shape));
        }

        SafetensorsWriter.WriteDirectory(_directory.File("apart"), tensors);

        Close(Speak(_directory.File("folded")), Speak(_directory.File("apart")), 1e-5);
    }

    [Fact]
    public void A_damaged_or_hostile_voice_is_refused_with_its_name()
    {
        RandomVits.WritePiper(_directory.File("voice.onnx"), TinyVits.Plain with { Window = 4 }, Seed);
        byte[] whole = File.ReadAllBytes(_directory.File("voice.onnx"));
        string path = _directory.File("broken.onnx");
        Random random = new(1);
        for (int i = 0; i < 90; i++)
        {
            byte[] broken = i % 3 == 0 ? whole[..random.Next(1, whole.Length)] : [.. whole];
            for (int flip = 0; i % 3 != 0 && flip < 20; flip++)
            {
                // Headers lie thick only at the beginning and the end, where the operations are.
                int at = i % 3 == 1 ? random.Next(broken.Length) : random.Next(1 << 11);
                broken[flip % 2 == 0 ? at : broken.Length - 1 - (at % (1 << 12))] ^= (byte)(1 << random.Next(8));
            }

            File.WriteAllBytes(path, broken);
            try
            {
                Vits.Load(path, _backend).Dispose();
            }
            catch (ModelFormatException e)
            {
                Assert.Contains("broken.onnx", e.Message);
            }
        }
    }

    [Fact]
    public void Tensors_in_other_files_are_refused()
    {
        // ModelProto.graph (7) of one initializer (5) with a name (8) and data_location EXTERNAL (14).
        byte[] tensor = [(8 << 3) | 2, 1, (byte)'w', (14 << 3) | 0, 1];
        File.WriteAllBytes(_directory.File("external.onnx"), [(7 << 3) | 2, (byte)(tensor.Length + 2), (5 << 3) | 2, (byte)tensor.Length, .. tensor]);

        Assert.Contains("another file", Assert.Throws<ModelFormatException>(() => OnnxFile.Open(_directory.File("external.onnx"))).Message);
    }

    [Theory]
    [InlineData(new byte[] { (7 << 3) | 2, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F }, "claims")]
    [InlineData(new byte[] { 0x80 }, "wanted")]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, "ten bytes")]
    [InlineData(new byte[] { (7 << 3) | 3 }, "wire type")]
    [InlineData(new byte[] { (1 << 3) | 0, 8 }, "no graph")]
    public void Bytes_that_are_no_model_are_refused(byte[] bytes, string named)
    {
        File.WriteAllBytes(_directory.File("x.onnx"), bytes);

        Assert.Contains(named, Assert.Throws<ModelFormatException>(() => OnnxFile.Open(_directory.File("x.onnx"))).Message);
    }

    [Theory]
    [InlineData("\"upsample_rates\":", "\"upsample_rates\": [3, 4, 2], \"x\":", "even number")]
    [InlineData("\"num_attention_heads\": 2", "\"num_attention_heads\": 7", "heads")]
    [InlineData("\"flow_size\": 12", "\"flow_size\": 0", "flow_size")]
    [InlineData("\"hidden_size\": 24", "\"hidden_size\": 48", "tensor")]
    public void A_wrong_configuration_is_refused_by_name(string old, string wrong, string named)
    {
        RandomVits.WriteHuggingFace(_directory.Path, TinyVits.Mms, DType.F32, Seed, 16_000);
        string config = File.ReadAllText(_directory.File("config.json"));
        Assert.Contains(old, config);
        File.WriteAllText(_directory.File("config.json"), config.Replace(old, wrong, StringComparison.Ordinal));

        Assert.Contains(named, Assert.Throws<ModelFormatException>(() => Vits.Load(_directory.Path, _backend)).Message);
    }

    public void Dispose()
    {
        _backend.Dispose();
        _directory.Dispose();
    }

    private static TensorSource Source(string name, float[] values, int[] shape)
    {
        int columns = shape[^1];
        return TensorSource.FromRows(name, DType.F32, shape, (row, target) => values.AsSpan(row * columns, columns).CopyTo(target));
    }

    private float[] Speak(string path)
    {
        using Vits model = Vits.Load(path, _backend);
        using VitsUtterance utterance = model.Encode(Symbols, [.. Symbols.Select(_ => 0.3f)], new VitsManner(Seed: 9, Speaker: model.Config.Speakers - 1));
        float[] samples = new float[utterance.Frames * model.FrameLength];
        model.Decode(utterance, 0, utterance.Frames, samples);
        return samples;
    }

    private static void Close(float[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, tolerance));
    }
}
