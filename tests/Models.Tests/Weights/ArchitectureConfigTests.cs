using Inference.Models.Rotary;
using Inference.Models.Tests.Architectures;
using Inference.Models.Weights;
using Inference.Tensors;
using Inference.TestSupport;

namespace Inference.Models.Tests.Weights;

/// <summary>The configurations of published checkpoints, and what is refused in the files of each architecture.</summary>
public sealed class ArchitectureConfigTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string> TinyShapes => [.. TinyModels.Golden.Where(g => g.Type == DType.F32).Select(g => g.Name), "mistral"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Mistral_7b_reads_with_its_window()
    {
        ModelConfig config = Read(
            """
            {
              "architectures": ["MistralForCausalLM"], "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu", "hidden_size": 4096,
              "intermediate_size": 14336, "max_position_embeddings": 32768, "model_type": "mistral", "num_attention_heads": 32,
              "num_hidden_layers": 32, "num_key_value_heads": 8, "rms_norm_eps": 1e-05, "rope_theta": 10000.0, "sliding_window": 4096,
              "tie_word_embeddings": false, "vocab_size": 32000
            }
            """);

        Assert.Equal(("mistral", 4096, null, 128), (config.Architecture, config.SlidingWindow, config.FullAttentionInterval, config.HeadDimension));
        Assert.True(config.Slides(0) && config.Slides(31));
        Assert.Null(Read(File("config.json").Replace("\"sliding_window\": 4096", "\"sliding_window\": null", StringComparison.Ordinal)).SlidingWindow);
    }

    [Fact]
    public void Mixtral_8x7b_reads_with_its_experts()
    {
        ModelConfig config = Read(
            """
            {
              "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu", "hidden_size": 4096, "intermediate_size": 14336,
              "max_position_embeddings": 32768, "model_type": "mixtral", "num_attention_heads": 32, "num_experts_per_tok": 2,
              "num_hidden_layers": 32, "num_key_value_heads": 8, "num_local_experts": 8, "output_router_logits": false,
              "rms_norm_eps": 1e-05, "rope_theta": 1000000.0, "sliding_window": null, "tie_word_embeddings": false, "vocab_size": 32000
            }
            """);

        Assert.Equal(new ExpertConfig(8, 2, 14_336, NormalizeWeights: true), config.Experts);
        Assert.Null(config.SlidingWindow);
    }

    [Fact]
    public void Qwen3_reads_with_and_without_experts()
    {
        ModelConfig dense = Read(
            """
            {
              "architectures": ["Qwen3ForCausalLM"], "attention_bias": false, "bos_token_id": 151643, "eos_token_id": 151645,
              "head_dim": 128, "hidden_act": "silu", "hidden_size": 1024, "intermediate_size": 3072, "max_position_embeddings": 40960,
              "max_window_layers": 28, "model_type": "qwen3", "num_attention_heads": 16, "num_hidden_layers": 28,
              "num_key_value_heads": 8, "rms_norm_eps": 1e-06, "rope_scaling": null, "rope_theta": 1000000, "sliding_window": null,
              "tie_word_embeddings": true, "use_sliding_window": false, "vocab_size": 151936
            }
            """);
        ModelConfig experts = Read(
            """
            {
              "attention_bias": false, "bos_token_id": 151643, "decoder_sparse_step": 1, "eos_token_id": 151645, "head_dim": 128,
              "hidden_act": "silu", "hidden_size": 2048, "intermediate_size": 6144, "max_position_embeddings": 40960,
              "max_window_layers": 48, "mlp_only_layers": [], "model_type": "qwen3_moe", "moe_intermediate_size": 768,
              "norm_topk_prob": true, "num_attention_heads": 32, "num_experts": 128, "num_experts_per_tok": 8, "num_hidden_layers": 48,
              "num_key_value_heads": 4, "rms_norm_eps": 1e-06, "rope_scaling": null, "rope_theta": 1000000.0, "sliding_window": null,
              "tie_word_embeddings": false, "use_sliding_window": false, "vocab_size": 151936
            }
            """);

        Assert.Equal((128, true, null), (dense.HeadDimension, dense.TieWordEmbeddings, dense.Experts));
        Assert.Equal(new ExpertConfig(128, 8, 768, NormalizeWeights: true), experts.Experts);
        Assert.Null(experts.SlidingWindow);
    }

    [Fact]
    public void Qwen3_with_yarn_reads_with_its_extended_context()
    {
        ModelConfig config = Read(Smallest("qwen3", "\"rope_scaling\": { \"rope_type\": \"yarn\", \"factor\": 4.0, \"original_max_position_embeddings\": 64 }"));

        Assert.Equal(new YarnRopeScaling(4, 64), config.RopeScaling);
        Assert.Equal(256, config.ContextLength);
    }

    [Fact]
    public void Deepseeks_weights_of_yarns_magnitude_are_read()
    {
        YarnRopeScaling yarn = (YarnRopeScaling)Read(Smallest(
            "llama", "\"rope_scaling\": { \"type\": \"yarn\", \"factor\": 40, \"mscale\": 1.0, \"mscale_all_dim\": 0.5, \"beta_fast\": 16 }")).RopeScaling!;

        Assert.Equal((0.1 * Math.Log(40) + 1) / (0.05 * Math.Log(40) + 1), yarn.Magnitude(64), 1e-6);
        Assert.Equal((16f, 1f, 64), (yarn.BetaFast, yarn.BetaSlow, yarn.OriginalContextLength));
    }

    [Fact]
    public void Dynamic_scaling_extends_the_context()
    {
        ModelConfig config = Read(Smallest("llama", "\"rope_scaling\": { \"type\": \"dynamic\", \"factor\": 2.0 }"));

        Assert.Equal(new DynamicRopeScaling(2, 64), config.RopeScaling);
        Assert.Equal(128, config.ContextLength);
    }

    [Fact]
    public void Phi_3_mini_and_phi_4_mini_read_with_longrope_and_partial_rotation()
    {
        string factors = string.Join(", ", Enumerable.Repeat("1.5", 48));
        string shape = """
            "model_type": "phi3", "hidden_act": "silu", "hidden_size": 3072, "intermediate_size": 8192, "max_position_embeddings": 131072,
            "original_max_position_embeddings": 4096, "num_hidden_layers": 32, "rms_norm_eps": 1e-05, "rope_theta": 10000.0,
            "sliding_window": 262144, "attention_bias": false
            """;
        string rope = $$"""
            "rope_scaling": { "long_factor": [{{factors}}], "short_factor": [{{factors}}], "type": "longrope" }
            """;

        ModelConfig phi3 = Read($$"""{ {{shape}}, {{rope}}, "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 32064 }""");
        ModelConfig phi4 = Read($$"""{ {{shape}}, {{rope}}, "num_attention_heads": 24, "num_key_value_heads": 8, "partial_rotary_factor": 0.75, "tie_word_embeddings": true, "vocab_size": 200064 }""");

        LongRopeScaling scaling = (LongRopeScaling)phi3.RopeScaling!;
        Assert.Equal((48, 4096, (float)Math.Sqrt(1 + (5.0 / 12))), (scaling.LongFactors.Count, scaling.OriginalContextLength, scaling.AttentionFactor));
        Assert.Null(phi3.RotaryDimension);
        Assert.Equal((96, 128, true), (phi4.RotaryDimension, phi4.HeadDimension, phi4.TieWordEmbeddings));
    }

    [Fact]
    public void Gemma_2_reads_with_caps_scale_and_alternating_windows()
    {
        ModelConfig config = Read(
            """
            {
              "attention_bias": false, "attn_logit_softcapping": 50.0, "bos_token_id": 2, "eos_token_id": 1, "final_logit_softcapping": 30.0,
              "head_dim": 128, "hidden_act": "gelu_pytorch_tanh", "hidden_activation": "gelu_pytorch_tanh", "hidden_size": 4608,
              "intermediate_size": 36864, "max_position_embeddings": 8192, "model_type": "gemma2", "num_attention_heads": 32,
              "num_hidden_layers": 46, "num_key_value_heads": 16, "query_pre_attn_scalar": 144, "rms_norm_eps": 1e-06,
              "rope_theta": 10000.0, "sliding_window": 4096, "vocab_size": 256000
            }
            """);

        Assert.Equal((50f, 30f, 1f / 12, true), (config.AttentionSoftCap, config.LogitSoftCap, config.AttentionScale, config.TieWordEmbeddings));
        Assert.Equal([true, false, true, false], Enumerable.Range(0, 4).Select(config.Slides));
        Assert.Null(Read(File("config.json").Replace("\"attn_logit_softcapping\": 50.0", "\"attn_logit_softcapping\": null", StringComparison.Ordinal)).AttentionSoftCap);
    }

    [Fact]
    public void Gemma_3_reads_from_the_text_part_of_a_model_that_sees_images()
    {
        ModelConfig config = Read(
            """
            {
              "architectures": ["Gemma3ForConditionalGeneration"], "boi_token_index": 255999, "eos_token_id": [1, 106], "model_type": "gemma3",
              "text_config": {
                "hidden_size": 2560, "intermediate_size": 10240, "model_type": "gemma3_text", "num_hidden_layers": 34,
                "rope_scaling": { "factor": 8.0, "rope_type": "linear" }, "sliding_window": 1024
              },
              "vision_config": { "hidden_size": 1152, "model_type": "siglip_vision_model" }
            }
            """);

        Assert.Equal(("gemma3_text", 8, 4, 256, 262_208), (config.Architecture, config.HeadCount, config.KvHeadCount, config.HeadDimension, config.VocabularySize));
        Assert.Equal((1024, 6, 1e6f, 1e4f), (config.SlidingWindow, config.FullAttentionInterval, config.RopeTheta, config.LocalRopeTheta));
        Assert.Equal(new LinearRopeScaling(8), config.RopeScaling);
        Assert.Equal([1, 106], config.EosTokenIds);
        Assert.Null(config.AttentionSoftCap);
    }

    [Fact]
    public void Rotary_parameters_by_kind_of_layer_are_read()
    {
        ModelConfig config = Read(Smallest(
            "gemma3_text",
            """
            "rope_parameters": {
              "full_attention": { "rope_theta": 500000.0, "rope_type": "linear", "factor": 2.0 },
              "sliding_attention": { "rope_theta": 20000.0, "rope_type": "default" }
            }, "layer_types": ["sliding_attention", "full_attention"]
            """));

        Assert.Equal((500_000f, 20_000f, 2), (config.RopeTheta, config.LocalRopeTheta, config.FullAttentionInterval));
        Assert.Equal(new LinearRopeScaling(2), config.RopeScaling);
    }

    [Fact]
    public void Smollm3_and_olmo_3_read_with_their_layers()
    {
        ModelConfig smollm3 = Read(Smallest("smollm3", "\"no_rope_layer_interval\": 2, \"no_rope_layers\": [1, 0]"));
        ModelConfig olmo3 = Read(Smallest("olmo3", "\"sliding_window\": 16, \"rope_theta\": 70000"));

        Assert.Equal([true, false, true], Enumerable.Range(0, 3).Select(smollm3.Rotates));
        Assert.Equal((16, 4, 70_000f), (olmo3.SlidingWindow, olmo3.FullAttentionInterval, olmo3.LocalRopeTheta));
    }

    [Theory]
    [MemberData(nameof(TinyShapes))]
    public void A_written_configuration_reads_back_from_both_containers(string name)
    {
        ModelConfig written = name == "mistral" ? TinyModels.Mistral : TinyModels.Golden.Single(g => g.Name == name).Config;
        HuggingFaceConfig.Write(_directory.Path, written, DType.F32);
        RandomModel.WriteGguf(_directory.File("m.gguf"), written, DType.F32, 1);
        using ModelWeights gguf = ModelWeights.Open(_directory.File("m.gguf"));

        AssertSame(written, HuggingFaceConfig.Read(_directory.Path), "config.json");
        AssertSame(written, gguf.Config, "GGUF");
    }

    [Theory]
    [InlineData("llama", "\"rope_scaling\": { \"rope_type\": \"longrope\", \"short_factor\": [1, 1], \"long_factor\": [1, 1] }", "'rope_scaling.original_max_position_embeddings' is missing")]
    [InlineData("llama", "\"rope_scaling\": { \"rope_type\": \"longrope\", \"short_factor\": [1, 1], \"long_factor\": [1, \"x\"], \"original_max_position_embeddings\": 32 }", "'rope_scaling.long_factor' must be a list of numbers, not of x")]
    [InlineData("llama", "\"rope_scaling\": { \"rope_type\": \"longrope\", \"short_factor\": [1, 1], \"long_factor\": [1, 1], \"original_max_position_embeddings\": 32 }", "2 short and 2 long rotary factors, not 4")]
    [InlineData("llama", "\"rope_scaling\": { \"rope_type\": \"longrope\", \"short_mscale\": 1.1, \"original_max_position_embeddings\": 32 }", "'rope_scaling.short_mscale' is 1.1, which is not supported")]
    [InlineData("llama", "\"rope_scaling\": { \"rope_type\": \"yarn\", \"factor\": 2, \"truncate\": false }", "'rope_scaling.truncate' is false")]
    [InlineData("llama", "\"rope_scaling\": { \"rope_type\": \"linear\" }", "'rope_scaling.factor' is missing")]
    [InlineData("llama", "\"rope_scaling\": { \"rope_type\": \"linear\", \"factor\": -1 }", "the factor -1 must be above 0")]
    [InlineData("llama", "\"attn_logit_softcapping\": 50", "'attn_logit_softcapping' is 50, which is not supported for this architecture")]
    [InlineData("llama", "\"final_logit_softcapping\": 30", "'final_logit_softcapping' is 30, which is not supported for this architecture")]
    [InlineData("llama", "\"hidden_activation\": \"gelu\"", "'hidden_activation' is 'gelu', which is not supported (supported: silu)")]
    [InlineData("gemma2", "\"hidden_act\": \"silu\"", "'hidden_act' is 'silu', which is not supported (supported: gelu_pytorch_tanh)")]
    [InlineData("gemma2", "\"attn_logit_softcapping\": -1", "AttentionSoftCap must be above 0, not -1")]
    [InlineData("gemma2", "\"layer_types\": [\"sliding_attention\"]", "'layer_types' is [sliding_attention], which is not supported")]
    [InlineData("gemma3_text", "\"sliding_window\": 0", "SlidingWindow must be above 0, not 0")]
    [InlineData("mistral", "\"layer_types\": [\"full_attention\", \"sliding_attention\"]", "'layer_types' is [full_attention, sliding_attention], which is not supported")]
    [InlineData("mixtral", "\"num_experts_per_tok\": 9", "the number of experts per token must be in [1, 8], not 9")]
    [InlineData("qwen3_moe", "\"num_experts\": 8", "'num_experts_per_tok' is missing")]
    [InlineData("qwen3_moe", "\"decoder_sparse_step\": 2", "'decoder_sparse_step' is 2, which is not supported")]
    [InlineData("qwen3_moe", "\"mlp_only_layers\": [0]", "'mlp_only_layers' is [0], which is not supported")]
    [InlineData("smollm3", "\"no_rope_layers\": [0, 1]", "'no_rope_layers' is [0, 1], which is not supported")]
    [InlineData("smollm3", "\"use_sliding_window\": true", "'use_sliding_window' is true")]
    [InlineData("phi3", "\"partial_rotary_factor\": 0.4", "even dimension of at most 8, not 3")]
    public void What_is_wrong_or_not_supported_is_refused_by_key(string architecture, string change, string reason)
    {
        ModelFormatException refusal = Assert.Throws<ModelFormatException>(() => Read(Smallest(architecture, change)));

        Assert.StartsWith(_directory.File("config.json"), refusal.Message);
        Assert.Contains(reason, refusal.Message);
    }

    [Fact]
    public void A_scaling_that_a_container_cannot_hold_is_refused_when_written()
    {
        ModelConfig dynamic = TinyModels.Llama with { RopeScaling = new DynamicRopeScaling(2, 64) };
        ModelConfig factors = TinyModels.Llama with { RopeScaling = new FactorRopeScaling(new float[16]) };

        Assert.Contains("DynamicRopeScaling has no form in GGUF", Assert.Throws<ArgumentException>(() => GgufConfig.Write(dynamic)).Message);
        Assert.Contains(
            "FactorRopeScaling has no form in config.json",
            Assert.Throws<ArgumentException>(() => HuggingFaceConfig.Write(_directory.Path, factors, DType.F32)).Message);
    }

    private static string Smallest(string architecture, string change) => $$"""
        {
          "model_type": "{{architecture}}", "vocab_size": 100, "max_position_embeddings": 64, "hidden_size": 32, "head_dim": 8,
          "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4, {{change}}
        }
        """;

    private static void AssertSame(ModelConfig written, ModelConfig read, string container)
    {
        double[] expected = [.. RotaryAngles.Of(written).Frequencies], actual = [.. RotaryAngles.Of(read).Frequencies];
        Assert.Equal(expected, actual, (a, b) => Math.Abs(a - b) <= 1e-6 * a);
        Assert.Equal(written.RopeScaling?.Magnitude(1) ?? 1, read.RopeScaling?.Magnitude(1) ?? 1, 1e-6);
        Assert.True(
            written == read with { EosTokenIds = written.EosTokenIds, RopeScaling = written.RopeScaling, ContextLength = written.ContextLength },
            $"{container}: {read} instead of {written}");
    }

    private string File(string name) => System.IO.File.ReadAllText(_directory.File(name));

    private ModelConfig Read(string config)
    {
        System.IO.File.WriteAllText(_directory.File("config.json"), config);
        return HuggingFaceConfig.Read(_directory.Path);
    }
}
