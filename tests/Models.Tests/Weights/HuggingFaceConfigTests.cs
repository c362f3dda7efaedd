using Inference.Models.Rotary;
using Inference.Models.Weights;
using Inference.Tensors;
using Inference.TestSupport;

namespace Inference.Models.Tests.Weights;

public sealed class HuggingFaceConfigTests : IDisposable
{
    private const string Smallest = """
        "model_type": "llama", "vocab_size": 100, "max_position_embeddings": 64, "hidden_size": 32,
        "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4
        """;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Llama_3_2_reads_with_its_scaling_and_all_end_tokens()
    {
        ModelConfig config = Read(
            """
            {
              "architectures": ["LlamaForCausalLM"], "attention_bias": false, "bos_token_id": 128000, "eos_token_id": 128001,
              "head_dim": 64, "hidden_act": "silu", "hidden_size": 2048, "intermediate_size": 8192, "max_position_embeddings": 131072,
              "mlp_bias": false, "model_type": "llama", "num_attention_heads": 32, "num_hidden_layers": 16, "num_key_value_heads": 8,
              "pretraining_tp": 1, "rms_norm_eps": 1e-05,
              "rope_scaling": { "factor": 32.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0,
                                "original_max_position_embeddings": 8192, "rope_type": "llama3" },
              "rope_theta": 500000.0, "tie_word_embeddings": true, "torch_dtype": "bfloat16", "use_cache": true, "vocab_size": 128256
            }
            """,
            """{ "bos_token_id": 128000, "eos_token_id": [128001, 128008, 128009], "temperature": 0.6 }""");

        Assert.Equal([128001, 128008, 128009], config.EosTokenIds);
        Assert.Equal(
            new ModelConfig
            {
                Architecture = "llama",
                VocabularySize = 128256,
                ContextLength = 131072,
                HiddenSize = 2048,
                IntermediateSize = 8192,
                LayerCount = 16,
                HeadCount = 32,
                KvHeadCount = 8,
                HeadDimension = 64,
                RmsNormEpsilon = 1e-5f,
                RopeTheta = 500_000,
                RopeScaling = new Llama3RopeScaling(32, 1, 4, 8192),
                TieWordEmbeddings = true,
                BosTokenId = 128000,
                EosTokenIds = config.EosTokenIds,
            },
            config);
    }

    [Fact]
    public void Qwen_2_5_reads_without_head_dim()
    {
        ModelConfig config = Read(
            """
            {
              "architectures": ["Qwen2ForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 151643, "eos_token_id": 151645,
              "hidden_act": "silu", "hidden_size": 896, "intermediate_size": 4864, "max_position_embeddings": 32768,
              "max_window_layers": 21, "model_type": "qwen2", "num_attention_heads": 14, "num_hidden_layers": 24,
              "num_key_value_heads": 2, "rms_norm_eps": 1e-06, "rope_theta": 1000000.0, "sliding_window": 32768,
              "tie_word_embeddings": true, "use_sliding_window": false, "vocab_size": 151936
            }
            """);

        Assert.Equal(("qwen2", 64, 2, 1e-6f, 1_000_000f), (config.Architecture, config.HeadDimension, config.KvHeadCount, config.RmsNormEpsilon, config.RopeTheta));
        Assert.Null(config.RopeScaling);
        Assert.Equal([151645], config.EosTokenIds);
    }

    [Fact]
    public void Absent_keys_have_the_defaults_of_the_library()
    {
        ModelConfig config = Read($"{{{Smallest}}}");

        Assert.Equal((4, 8, 1e-6f, 10_000f), (config.KvHeadCount, config.HeadDimension, config.RmsNormEpsilon, config.RopeTheta));
        Assert.False(config.TieWordEmbeddings);
        Assert.Null(config.BosTokenId);
        Assert.Empty(config.EosTokenIds);
    }

    [Fact]
    public void Rope_parameters_of_newer_files_are_read()
    {
        ModelConfig config = Read($$"""{{{Smallest}}, "rope_parameters": { "rope_theta": 5000.0, "rope_type": "default" } }""");

        Assert.Equal(5000, config.RopeTheta);
        Assert.Null(config.RopeScaling);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void A_written_configuration_reads_back(int endTokens)
    {
        ModelConfig written = new()
        {
            Architecture = "llama",
            VocabularySize = 300,
            ContextLength = 128,
            HiddenSize = 96,
            IntermediateSize = 200,
            LayerCount = 3,
            HeadCount = 6,
            KvHeadCount = 2,
            HeadDimension = 32,
            RmsNormEpsilon = 3e-6f,
            RopeTheta = 12_345,
            RopeScaling = new Llama3RopeScaling(8, 1, 4, 64),
            AttentionBias = true,
            BosTokenId = 7,
            EosTokenIds = [.. Enumerable.Range(10, endTokens)],
        };

        HuggingFaceConfig.Write(_directory.Path, written, DType.BF16);

        ModelConfig read = HuggingFaceConfig.Read(_directory.Path);
        Assert.Equal(written.EosTokenIds, read.EosTokenIds);
        Assert.Equal(written, read with { EosTokenIds = written.EosTokenIds });
    }

    [Theory]
    [InlineData("\"rope_scaling\": { \"type\": \"spiral\", \"factor\": 4 }", "'rope_scaling.rope_type' is 'spiral', which is not supported (supported: default, linear, dynamic, llama3, yarn, longrope)")]
    [InlineData("\"rope_scaling\": { \"rope_type\": \"llama3\", \"factor\": 4 }", "'rope_scaling.low_freq_factor' is missing")]
    [InlineData("\"rope_scaling\": 3", "'rope_scaling' must be an object")]
    [InlineData("\"hidden_act\": \"gelu\"", "'hidden_act' is 'gelu'")]
    [InlineData("\"mlp_bias\": true", "'mlp_bias' is true, which is not supported")]
    [InlineData("\"model_type\": \"qwen2\", \"use_sliding_window\": true, \"max_window_layers\": 1", "'max_window_layers' is 1, which is not supported (supported: 0, or all 2 layers)")]
    [InlineData("\"quantization_config\": { }", "'quantization_config' is set")]
    [InlineData("\"partial_rotary_factor\": 0.5", "'partial_rotary_factor' is 0.5")]
    [InlineData("\"num_key_value_heads\": 3", "no multiple of 3")]
    [InlineData("\"num_key_value_heads\": 0", "KvHeadCount must be in [1, 4], not 0")]
    [InlineData("\"num_key_value_heads\": \"2\"", "'num_key_value_heads' must be an integer")]
    [InlineData("\"head_dim\": 7", "even dimension of at most 7, not 7")]
    [InlineData("\"rms_norm_eps\": 0", "epsilon 0")]
    [InlineData("\"rope_theta\": 1e99", "rotary base")]
    [InlineData("\"eos_token_id\": [1, \"x\"]", "'eos_token_id' must be an integer")]
    [InlineData("\"hidden_size\": 99999999999", "'hidden_size' must be an integer")]
    [InlineData("\"hidden_size\": 2000000", "HiddenSize must be in [1, 1048576], not 2000000")]
    [InlineData("\"num_attention_heads\": 0", "HeadCount must be in")]
    [InlineData("\"model_type\": null", "'model_type' is missing")]
    [InlineData("\"vocab_size\": null", "'vocab_size' is missing")]
    public void What_is_wrong_or_not_supported_is_refused_by_key(string change, string reason)
    {
        ModelFormatException refusal = Assert.Throws<ModelFormatException>(() => Read($"{{{Smallest}, {change}}}"));

        Assert.StartsWith(_directory.File("config.json"), refusal.Message);
        Assert.Contains(reason, refusal.Message);
    }

    [Theory]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{", "not valid JSON")]
    [InlineData("", "not valid JSON")]
    public void A_file_that_is_no_object_is_refused(string content, string reason) =>
        Assert.Contains(reason, Assert.Throws<ModelFormatException>(() => Read(content)).Message);

    private ModelConfig Read(string config, string? generation = null)
    {
        File.WriteAllText(_directory.File("config.json"), config);
        if (generation is not null)
        {
            File.WriteAllText(_directory.File("generation_config.json"), generation);
        }

        return HuggingFaceConfig.Read(_directory.Path);
    }
}
