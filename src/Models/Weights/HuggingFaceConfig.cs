using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.Tensors;

namespace Inference.Models.Weights;

/// <summary>Hugging Face's `config.json` and `generation_config.json`, to and from <see cref="ModelConfig"/>.</summary>
public static class HuggingFaceConfig
{
    /// <summary>Name of the model's configuration in its directory.</summary>
    public const string FileName = "config.json";

    private const string GenerationFileName = "generation_config.json";

    /// <summary>Reads both files of a directory (the second is optional; its end tokens are added).</summary>
    /// <exception cref="ModelFormatException">A key is missing, out of range, or asks for what is not supported.</exception>
    public static ModelConfig Read(string directory)
    {
        JsonKeys keys = JsonKeys.Read(Path.Combine(directory, FileName));
        string generationPath = Path.Combine(directory, GenerationFileName);
        JsonKeys? generation = File.Exists(generationPath) ? JsonKeys.Read(generationPath) : null;
        RefuseWhatIsNotSupported(keys);

        int hidden = keys.Integer("hidden_size"), heads = keys.Integer("num_attention_heads");
        JsonKeys? rope = keys.Section("rope_parameters") ?? keys.Section("rope_scaling");
        ModelConfig config = new()
        {
            Architecture = keys.Text("model_type") ?? throw keys.Wrong("model_type", "is missing"),
            VocabularySize = keys.Integer("vocab_size"),
            ContextLength = keys.Integer("max_position_embeddings"),
            HiddenSize = hidden,
            IntermediateSize = keys.Integer("intermediate_size"),
            LayerCount = keys.Integer("num_hidden_layers"),
            HeadCount = heads,
            KvHeadCount = keys.OptionalInteger("num_key_value_heads") ?? heads,
            HeadDimension = keys.OptionalInteger("head_dim") ?? (heads > 0 ? hidden / heads : 0),
            RmsNormEpsilon = keys.Float("rms_norm_eps") ?? 1e-6f,
            RopeTheta = keys.Float("rope_theta") ?? rope?.Float("rope_theta") ?? 10_000f,
            RopeScaling = rope is null ? null : Scaling(rope),
            TieWordEmbeddings = keys.Bool("tie_word_embeddings") ?? false,
            AttentionBias = keys.Bool("attention_bias") ?? false,
            BosTokenId = keys.OptionalInteger("bos_token_id") ?? generation?.OptionalInteger("bos_token_id"),
            EosTokenIds = [.. keys.IntegerOrList("eos_token_id").Union(generation?.IntegerOrList("eos_token_id") ?? [])],
        };
        return ModelConfigCheck.Checked(config, keys.File);
    }

    /// <summary>Writes both files.</summary>
    /// <param name="directory">An existing directory.</param>
    /// <param name="config">The model.</param>
    /// <param name="type">Number format of the weights, recorded as `torch_dtype`.</param>
    public static void Write(string directory, ModelConfig config, DType type)
    {
        string name = config.Architecture.Length == 0 ? string.Empty : char.ToUpperInvariant(config.Architecture[0]) + config.Architecture[1..];
        JsonNode? eos = config.EosTokenIds.Count == 1 ? config.EosTokenIds[0] : new JsonArray([.. config.EosTokenIds.Select(id => (JsonNode)id)]);
        JsonObject json = new()
        {
            ["architectures"] = new JsonArray($"{name}ForCausalLM"),
            ["model_type"] = config.Architecture,
            ["vocab_size"] = config.VocabularySize,
            ["max_position_embeddings"] = config.ContextLength,
            ["hidden_size"] = config.HiddenSize,
            ["intermediate_size"] = config.IntermediateSize,
            ["num_hidden_layers"] = config.LayerCount,
            ["num_attention_heads"] = config.HeadCount,
            ["num_key_value_heads"] = config.KvHeadCount,
            ["head_dim"] = config.HeadDimension,
            ["hidden_act"] = "silu",
            ["rms_norm_eps"] = config.RmsNormEpsilon,
            ["rope_theta"] = config.RopeTheta,
            ["rope_scaling"] = config.RopeScaling is RopeScaling scaling ? Json(scaling) : null,
            ["tie_word_embeddings"] = config.TieWordEmbeddings,
            ["attention_bias"] = config.AttentionBias,
            ["bos_token_id"] = config.BosTokenId,
            ["eos_token_id"] = eos,
            ["torch_dtype"] = type switch { DType.F32 => "float32", DType.F16 => "float16", DType.BF16 => "bfloat16", _ => null },
        };
        JsonObject generation = new() { ["bos_token_id"] = config.BosTokenId, ["eos_token_id"] = eos?.DeepClone() };
        JsonSerializerOptions indented = new() { WriteIndented = true };
        File.WriteAllText(Path.Combine(directory, FileName), json.ToJsonString(indented) + "\n");
        File.WriteAllText(Path.Combine(directory, GenerationFileName), generation.ToJsonString(indented) + "\n");
    }

    private static JsonObject Json(RopeScaling scaling) => new()
    {
        ["rope_type"] = "llama3",
        ["factor"] = scaling.Factor,
        ["low_freq_factor"] = scaling.LowFrequencyFactor,
        ["high_freq_factor"] = scaling.HighFrequencyFactor,
        ["original_max_position_embeddings"] = scaling.OriginalContextLength,
    };

    private static RopeScaling? Scaling(JsonKeys rope)
    {
        string type = rope.Text("rope_type") ?? rope.Text("type") ?? "default";
        return type switch
        {
            "default" => null,
            "llama3" => new RopeScaling(
                Required(rope, "factor"), Required(rope, "low_freq_factor"), Required(rope, "high_freq_factor"),
                rope.Integer("original_max_position_embeddings")),
            _ => throw rope.Wrong("rope_type", $"is '{type}', which is not supported (supported: default, llama3)"),
        };
    }

    private static float Required(JsonKeys rope, string key) => rope.Float(key) ?? throw rope.Wrong(key, "is missing");

    private static void RefuseWhatIsNotSupported(JsonKeys keys)
    {
        if (keys.Section("quantization_config") is not null)
        {
            throw keys.Wrong("quantization_config", "is set; quantised models are read from GGUF files");
        }

        if (keys.Text("hidden_act") is string activation && activation != "silu")
        {
            throw keys.Wrong("hidden_act", $"is '{activation}', which is not supported (supported: silu)");
        }

        foreach (string key in (string[])["mlp_bias", "use_sliding_window"])
        {
            if (keys.Bool(key) == true)
            {
                throw keys.Wrong(key, "is true, which is not supported");
            }
        }

        if (keys.Float("partial_rotary_factor") is float factor && factor != 1)
        {
            throw keys.Wrong("partial_rotary_factor", $"is {factor}, which is not supported (supported: 1)");
        }
    }
}
