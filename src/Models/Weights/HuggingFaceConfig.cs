using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.Models.Architectures;
using Inference.Models.Layers;
using Inference.Tensors;

namespace Inference.Models.Weights;

/// <summary>
/// Hugging Face's `config.json` and `generation_config.json`, to and from <see cref="ModelConfig"/>: what all architectures have in
/// common. Keys of one architecture are read in its own file.
/// </summary>
public static class HuggingFaceConfig
{
    /// <summary>Name of the model's configuration in its directory.</summary>
    public const string FileName = "config.json";

    /// <summary>Where the configuration of a model that sees images has that of its decoder.</summary>
    private const string TextSection = "text_config";

    private const string GenerationFileName = "generation_config.json";

    /// <summary>Reads both files of a directory (the second is optional; its end tokens are added).</summary>
    /// <exception cref="ModelFormatException">A key is missing, out of range, or asks for what is not supported.</exception>
    public static ModelConfig Read(string directory)
    {
        JsonKeys file = JsonKeys.Read(Path.Combine(directory, FileName)), keys = file.Section(TextSection) ?? file;
        string generationPath = Path.Combine(directory, GenerationFileName);
        JsonKeys? generation = File.Exists(generationPath) ? JsonKeys.Read(generationPath) : null;
        Architecture architecture = ArchitectureRegistry.Supported(keys.Text("model_type") ?? throw keys.Wrong("model_type", "is missing"), keys.File);
        keys = keys.WithDefaults(architecture.HuggingFaceDefaults);

        int hidden = keys.Integer("hidden_size"), heads = keys.Integer("num_attention_heads");
        ModelConfig config = new()
        {
            Architecture = architecture.Name,
            VocabularySize = keys.Integer("vocab_size"),
            ContextLength = keys.Integer("max_position_embeddings"),
            HiddenSize = hidden,
            IntermediateSize = keys.Integer("intermediate_size"),
            LayerCount = keys.Integer("num_hidden_layers"),
            HeadCount = heads,
            KvHeadCount = keys.OptionalInteger("num_key_value_heads") ?? heads,
            HeadDimension = keys.OptionalInteger("head_dim") ?? (heads > 0 ? hidden / heads : 0),
            RmsNormEpsilon = keys.Float("rms_norm_eps") ?? 1e-6f,
            TieWordEmbeddings = keys.Bool("tie_word_embeddings") ?? false,
            AttentionBias = keys.Bool("attention_bias") ?? false,
            BosTokenId = keys.OptionalInteger("bos_token_id") ?? file.OptionalInteger("bos_token_id") ?? generation?.OptionalInteger("bos_token_id"),
            EosTokenIds =
            [
                .. keys.IntegerOrList("eos_token_id").Union(file.IntegerOrList("eos_token_id")).Union(generation?.IntegerOrList("eos_token_id") ?? []),
            ],
        };
        config = architecture.ReadHuggingFace(keys, HuggingFaceRope.Read(keys, config));
        RefuseWhatIsNotSupported(keys, config, architecture);
        return ModelConfigCheck.Checked(config, keys.File);
    }

    /// <summary>Writes both files.</summary>
    /// <param name="directory">An existing directory.</param>
    /// <param name="config">The model.</param>
    /// <param name="type">Number format of the weights, recorded as `torch_dtype`.</param>
    /// <exception cref="ArgumentException">The rotary scaling has no form in config.json.</exception>
    public static void Write(string directory, ModelConfig config, DType type)
    {
        Architecture? architecture = ArchitectureRegistry.Find(config.Architecture);
        JsonNode? eos = config.EosTokenIds.Count == 1 ? config.EosTokenIds[0] : new JsonArray([.. config.EosTokenIds.Select(id => (JsonNode)id)]);
        JsonObject json = new()
        {
            ["architectures"] = new JsonArray(architecture?.HuggingFaceClass),
            ["model_type"] = config.Architecture,
            ["vocab_size"] = config.VocabularySize,
            ["max_position_embeddings"] = config.ContextLength,
            ["hidden_size"] = config.HiddenSize,
            ["intermediate_size"] = config.IntermediateSize,
            ["num_hidden_layers"] = config.LayerCount,
            ["num_attention_heads"] = config.HeadCount,
            ["num_key_value_heads"] = config.KvHeadCount,
            ["head_dim"] = config.HeadDimension,
            ["hidden_act"] = Name(architecture?.Design(config).Activation ?? Activation.Silu),
            ["rms_norm_eps"] = config.RmsNormEpsilon,
            ["tie_word_embeddings"] = config.TieWordEmbeddings,
            ["attention_bias"] = config.AttentionBias,
            ["bos_token_id"] = config.BosTokenId,
            ["eos_token_id"] = eos,
            ["torch_dtype"] = type switch { DType.F32 => "float32", DType.F16 => "float16", DType.BF16 => "bfloat16", _ => null },
        };
        HuggingFaceRope.Write(config, json);
        architecture?.WriteHuggingFace(config, json);
        JsonObject generation = new() { ["bos_token_id"] = config.BosTokenId, ["eos_token_id"] = eos?.DeepClone() };
        JsonSerializerOptions indented = new() { WriteIndented = true };
        File.WriteAllText(Path.Combine(directory, FileName), json.ToJsonString(indented) + "\n");
        File.WriteAllText(Path.Combine(directory, GenerationFileName), generation.ToJsonString(indented) + "\n");
    }

    private static string Name(Activation activation) => activation == Activation.Silu ? "silu" : "gelu_pytorch_tanh";

    private static void RefuseWhatIsNotSupported(JsonKeys keys, ModelConfig config, Architecture architecture)
    {
        if (keys.Section("quantization_config") is not null)
        {
            throw keys.Wrong("quantization_config", "is set; quantised models are read from GGUF files");
        }

        string supported = Name(architecture.Design(config).Activation);
        foreach (string key in (string[])["hidden_act", "hidden_activation"])
        {
            if (keys.Text(key) is string activation && activation != supported)
            {
                throw keys.Wrong(key, $"is '{activation}', which is not supported (supported: {supported})");
            }
        }

        if (keys.Bool("mlp_bias") == true)
        {
            throw keys.Wrong("mlp_bias", "is true, which is not supported");
        }

        RefuseUnread(keys, "attn_logit_softcapping", config.AttentionSoftCap is null ? keys.Float("attn_logit_softcapping") : null);
        RefuseUnread(keys, "final_logit_softcapping", config.LogitSoftCap is null ? keys.Float("final_logit_softcapping") : null);
        float? partial = keys.Float("partial_rotary_factor") ?? keys.Section("rope_parameters")?.Float("partial_rotary_factor");
        RefuseUnread(keys, "partial_rotary_factor", config.RotaryDimension is null && partial != 1 ? partial : null);
    }

    /// <summary>A key that other architectures have, and this one does not.</summary>
    private static void RefuseUnread(JsonKeys keys, string key, float? value)
    {
        if (value is not null)
        {
            throw keys.Wrong(key, $"is {value}, which is not supported for this architecture");
        }
    }
}
