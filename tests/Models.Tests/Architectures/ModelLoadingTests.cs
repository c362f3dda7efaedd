using Inference.Models.Architectures;
using Inference.Models.Rotary;
using Inference.Models.Weights;
using Inference.Tensors;
using Inference.TestSupport;

namespace Inference.Models.Tests.Architectures;

public sealed class ModelLoadingTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly IBackend _backend = Backends.Create("cpu");

    private string GgufPath => _directory.File("model.gguf");

    private string HuggingFacePath => _directory.File("hf");

    public void Dispose()
    {
        _backend.Dispose();
        _directory.Dispose();
    }

    public static TheoryData<string> Shapes =>
    [
        .. TinyModels.Golden.Where(g => g.Type == DType.F32).Select(g => g.Name), "mistral", "llama biased", "llama tied", "qwen3 biased", "phi3 biased",
        "qwen2 sliding", "qwen3-moe unnormalised", "gemma2 scaled",
    ];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Both_containers_agree(string shape)
    {
        ModelConfig config = shape switch
        {
            "mistral" => TinyModels.Mistral,
            "llama biased" => TinyModels.Llama with { AttentionBias = true },
            "llama tied" => TinyModels.Llama with { TieWordEmbeddings = true },
            "qwen3 biased" => TinyModels.Qwen3 with { AttentionBias = true },
            "phi3 biased" => TinyModels.Phi3 with { AttentionBias = true },
            "qwen2 sliding" => TinyModels.Qwen2 with { SlidingWindow = 5 },
            "qwen3-moe unnormalised" => TinyModels.Qwen3Moe with { Experts = new ExpertConfig(8, 3, 32, NormalizeWeights: false) },
            "gemma2 scaled" => TinyModels.Gemma2 with { AttentionScale = 0.125f },
            _ => TinyModels.Golden.Single(g => g.Name == shape).Config,
        };
        Write(config, DType.F32);

        (float[] logits, int[] greedy) = Run(HuggingFacePath);
        (float[] ggufLogits, int[] ggufGreedy) = Run(GgufPath);

        // GGUF of the llama kind stores heads in another order, and Gemma's norms are 1 + w before or after the file rounds them.
        float bound = ArchitectureRegistry.Find(config.Architecture)!.GgufRotary == RotaryStyle.HalfSplit && !shape.StartsWith("gemma", StringComparison.Ordinal) ? 0 : 1e-5f;
        Assert.InRange(logits.Zip(ggufLogits, (a, b) => MathF.Abs(a - b)).Max(), 0, bound * logits.Max(MathF.Abs));
        Assert.Equal(greedy, ggufGreedy);
    }

    [Fact]
    public void Rotary_scaling_and_biases_change_the_logits()
    {
        ModelConfig[] configs =
        [
            TinyModels.Llama, TinyModels.Llama with { AttentionBias = true }, TinyModels.Llama with { RopeTheta = 500_000 }, TinyModels.Llama3,
        ];

        float[][] logits = Array.ConvertAll(configs, config =>
        {
            RandomModel.WriteGguf(GgufPath, config, DType.F32, TinyModels.Seed);
            return Run(GgufPath).Logits;
        });

        Assert.Equal(configs.Length, logits.Select(l => l[0]).Distinct().Count());
    }

    [Fact]
    public void Shards_give_the_same_bits_as_one_file()
    {
        RandomModel.WriteHuggingFace(HuggingFacePath, TinyModels.Llama, DType.BF16, TinyModels.Seed);
        (float[] logits, int[] greedy) = Run(HuggingFacePath);
        string shards = _directory.File("shards");

        RandomModel.WriteHuggingFace(shards, TinyModels.Llama, DType.BF16, TinyModels.Seed, maxShardBytes: 60_000);

        Assert.True(Directory.GetFiles(shards, "*.safetensors").Length > 3);
        (float[] shardLogits, int[] shardGreedy) = Run(shards);
        Assert.Equal(logits, shardLogits);
        Assert.Equal(greedy, shardGreedy);
    }

    [Fact]
    public void The_same_seed_writes_the_same_file_and_another_seed_another()
    {
        RandomModel.WriteGguf(GgufPath, TinyModels.Llama, DType.Q4_0, 1);
        byte[] first = File.ReadAllBytes(GgufPath);
        RandomModel.WriteGguf(GgufPath, TinyModels.Llama, DType.Q4_0, 1);
        byte[] again = File.ReadAllBytes(GgufPath);
        RandomModel.WriteGguf(GgufPath, TinyModels.Llama, DType.Q4_0, 2);

        Assert.Equal(first, again);
        Assert.NotEqual(first, File.ReadAllBytes(GgufPath));
    }

    [Fact]
    public void Weight_bytes_are_those_of_the_stored_tensors()
    {
        RandomModel.WriteGguf(GgufPath, TinyModels.Llama, DType.Q8_0, 1);
        using GgufFile file = GgufFile.Open(GgufPath);

        using ICausalModel model = ArchitectureRegistry.Load(GgufPath, _backend);

        Assert.Equal(file.Tensors.Values.Sum(t => t.ByteLength), model.WeightBytes);
    }

    [Fact]
    public void Positions_beyond_the_first_rotary_table_have_the_same_bits_however_they_are_reached()
    {
        RandomModel.WriteGguf(GgufPath, TinyModels.Llama with { ContextLength = 2000 }, DType.F32, TinyModels.Seed);
        using ICausalModel model = ArchitectureRegistry.Load(GgufPath, _backend);
        int[] prompt = TinyModels.Prompt(600);
        using ModelSequence gradual = new(model, capacity: 600);
        using ModelSequence atOnce = new(model, capacity: 600);

        Assert.Equal(gradual.Feed(prompt, chunk: 100), atOnce.Feed(prompt));
    }

    [Fact]
    public void An_unsupported_architecture_is_refused_by_name()
    {
        RandomModel.WriteHuggingFace(HuggingFacePath, TinyModels.Llama, DType.F32, 1);
        HuggingFaceConfig.Write(HuggingFacePath, TinyModels.Llama with { Architecture = "mamba" }, DType.F32);

        AssertRefused(HuggingFacePath, "architecture 'mamba' is not supported (supported: mixtral, mistral, llama, smollm3, qwen2, qwen3, ");
    }

    [Fact]
    public void A_missing_tensor_is_refused_by_name_and_shape()
    {
        WriteTensors(t => t.Name == "model.layers.1.mlp.up_proj.weight" ? null : t);
        AssertRefused(HuggingFacePath, "tensor 'model.layers.1.mlp.up_proj.weight' [96, 64] is missing");

        RandomModel.WriteGguf(GgufPath, TinyModels.Llama, DType.F32, 1);
        byte[] file = File.ReadAllBytes(GgufPath);
        int at = file.AsSpan().IndexOf("blk.2.ffn_down"u8);
        file[at + 4] = (byte)'7';
        File.WriteAllBytes(GgufPath, file);
        AssertRefused(GgufPath, "tensor 'blk.2.ffn_down.weight' [64, 96] is missing");
    }

    [Fact]
    public void A_tensor_of_the_wrong_shape_is_refused_with_both_shapes()
    {
        WriteTensors(t => t.Name == "model.layers.0.self_attn.k_proj.weight" ? t with { Shape = [32, 64] } : t);

        AssertRefused(HuggingFacePath, "tensor 'model.layers.0.self_attn.k_proj.weight' must be [64, 64], not F32[32, 64]");
    }

    [Fact]
    public void A_qwen2_without_biases_is_refused()
    {
        RandomModel.WriteHuggingFace(HuggingFacePath, TinyModels.Llama, DType.F32, 1);
        HuggingFaceConfig.Write(HuggingFacePath, TinyModels.Llama with { Architecture = "qwen2" }, DType.F32);

        AssertRefused(HuggingFacePath, "tensor 'model.layers.0.self_attn.q_proj.bias' [128] is missing");
    }

    [Theory]
    [InlineData("model.layers.1.mlp.down_proj.bias")]
    [InlineData("lm_head.bias")]
    public void A_tensor_that_the_architecture_has_no_place_for_is_refused(string name)
    {
        WriteTensors(t => t, new TensorShape(name, 64));

        AssertRefused(HuggingFacePath, $"tensor '{name}' F32[64] has no place in the architecture 'llama' with this configuration");
    }

    [Fact]
    public void Tables_of_frequencies_are_left_alone_and_so_is_the_head_of_a_tied_model()
    {
        WriteTensors(t => t, new TensorShape("model.layers.0.self_attn.rotary_emb.inv_freq", 16), new TensorShape("vision_tower.weight", 4, 4));
        HuggingFaceConfig.Write(HuggingFacePath, TinyModels.Llama with { TieWordEmbeddings = true }, DType.F32);

        using ICausalModel model = ArchitectureRegistry.Load(HuggingFacePath, _backend);

        Assert.True(model.Config.TieWordEmbeddings);
    }

    [Theory]
    [InlineData("language_model.model.", "language_model.lm_head.")]
    [InlineData("model.language_model.", "lm_head.")]
    public void The_decoder_of_a_model_that_sees_images_is_found(string decoder, string head)
    {
        RandomModel.WriteHuggingFace(HuggingFacePath, TinyModels.Gemma3, DType.F32, TinyModels.Seed);
        (float[] logits, int[] greedy) = Run(HuggingFacePath);
        FillTensorRow fill = RandomModel.Rows(TinyModels.Seed);
        SafetensorsWriter.WriteDirectory(HuggingFacePath,
        [
            .. ArchitectureRegistry.Find("gemma3_text")!.Tensors(TinyModels.Gemma3).Select(t => TensorSource.FromRows(
                t.Name.StartsWith("model.", StringComparison.Ordinal) ? decoder + t.Name[6..] : head + t.Name[8..], DType.F32, t.Shape, (row, values) => fill(t.Name, row, values))),
            TensorSource.FromRows("vision_tower.weight", DType.F32, [4, 4], (_, values) => values.Clear()),
        ]);

        (float[] innerLogits, int[] innerGreedy) = Run(HuggingFacePath);

        Assert.Equal(logits, innerLogits);
        Assert.Equal(greedy, innerGreedy);
    }

    [Fact]
    public void A_layer_with_a_window_sees_the_last_tokens_only()
    {
        // In a model of one layer keys depend on their token alone and rotation on distances alone: 30 tokens under a window of 9 are the last 9.
        ModelConfig config = TinyModels.Mistral with { LayerCount = 1 };
        RandomModel.WriteGguf(GgufPath, config, DType.F32, TinyModels.Seed);
        RandomModel.WriteHuggingFace(HuggingFacePath, config with { SlidingWindow = null }, DType.F32, TinyModels.Seed);
        int[] prompt = TinyModels.Prompt(30);
        using ICausalModel windowed = ArchitectureRegistry.Load(GgufPath, _backend);
        using ICausalModel full = ArchitectureRegistry.Load(HuggingFacePath, _backend);
        using ModelSequence all = new(windowed, capacity: 32), last = new(full, capacity: 32), whole = new(full, capacity: 32);

        float[] expected = last.Feed(prompt.AsSpan(^9)), actual = all.Feed(prompt), without = whole.Feed(prompt);

        Assert.InRange(expected.Zip(actual, (a, b) => MathF.Abs(a - b)).Max(), 0, 1e-5f * expected.Max(MathF.Abs));
        Assert.True(expected.Zip(without, (a, b) => MathF.Abs(a - b)).Max() > 0.01f * expected.Max(MathF.Abs));
    }

    [Fact]
    public void Dynamic_scaling_changes_nothing_within_the_original_context_and_much_beyond()
    {
        ModelConfig config = TinyModels.Llama with { ContextLength = 24 };
        RandomModel.WriteHuggingFace(HuggingFacePath, config with { RopeScaling = new DynamicRopeScaling(4, 24) }, DType.F32, TinyModels.Seed);
        using ICausalModel dynamic = ArchitectureRegistry.Load(HuggingFacePath, _backend);
        string plainPath = _directory.File("plain");
        RandomModel.WriteHuggingFace(plainPath, config with { ContextLength = 96 }, DType.F32, TinyModels.Seed);
        using ICausalModel plain = ArchitectureRegistry.Load(plainPath, _backend);
        using ModelSequence scaled = new(dynamic, capacity: 96), chunked = new(dynamic, capacity: 96), unscaled = new(plain, capacity: 96);
        int[] prompt = TinyModels.Prompt(90);

        Assert.Equal(unscaled.Feed(prompt.AsSpan(..24)), scaled.Feed(prompt.AsSpan(..24)));
        float[] beyond = scaled.Feed(prompt.AsSpan(24..));
        Assert.NotEqual(unscaled.Feed(prompt.AsSpan(24..)), beyond);
        Assert.Equal(beyond, chunked.Feed(prompt, chunk: 7));
    }

    [Fact]
    public void Paths_without_a_model_are_refused()
    {
        AssertRefused(_directory.File("absent"), "no such file or directory");
        AssertRefused(_directory.Path, "no config.json");
        HuggingFaceConfig.Write(_directory.Path, TinyModels.Llama, DType.F32);
        AssertRefused(_directory.Path, "neither model.safetensors nor model.safetensors.index.json");
        File.WriteAllText(_directory.File("text.gguf"), "This is not a model.");
        AssertRefused(_directory.File("text.gguf"), "does not begin with GGUF");
    }

    private void Write(ModelConfig config, DType type)
    {
        RandomModel.WriteHuggingFace(HuggingFacePath, config, type, TinyModels.Seed);
        RandomModel.WriteGguf(GgufPath, config, type, TinyModels.Seed);
    }

    private void WriteTensors(Func<TensorShape, TensorShape?> change, params TensorShape[] others)
    {
        Directory.CreateDirectory(HuggingFacePath);
        HuggingFaceConfig.Write(HuggingFacePath, TinyModels.Llama, DType.F32);
        SafetensorsWriter.WriteDirectory(HuggingFacePath,
        [
            .. ArchitectureRegistry.Find("llama")!.Tensors(TinyModels.Llama).Select(change).OfType<TensorShape>().Concat(others)
                .Select(t => TensorSource.FromRows(t.Name, DType.F32, t.Shape, (_, values) => values.Clear())),
        ]);
    }

    private (float[] Logits, int[] Greedy) Run(string path)
    {
        using ICausalModel model = ArchitectureRegistry.Load(path, _backend);
        using ModelSequence sequence = new(model, capacity: 64);
        using ModelSequence fresh = new(model, capacity: 64);
        int[] prompt = TinyModels.Prompt(20);
        return (sequence.Feed(prompt), fresh.Greedy(prompt, 32));
    }

    private void AssertRefused(string path, string reason)
    {
        ModelFormatException refusal = Assert.Throws<ModelFormatException>(() => ArchitectureRegistry.Load(path, _backend));
        Assert.StartsWith(path, refusal.Message);
        Assert.Contains(reason, refusal.Message);
    }
}
