using System.Globalization;
using Inference.Models.Architectures;
using Inference.Tensors;

namespace Inference.Models.Weights;

/// <summary>The metadata of a GGUF language model, to and from <see cref="ModelConfig"/>. What an architecture leaves to its reader is in its own file.</summary>
public static class GgufConfig
{
    /// <summary>The key of the architecture's name.</summary>
    internal const string ArchitectureKey = "general.architecture";

    private const string BosKey = "tokenizer.ggml.bos_token_id";
    private static readonly string[] EndKeys = ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"];

    /// <summary>Reads the model's shape and constants.</summary>
    /// <exception cref="ModelFormatException">A key is missing, out of range, or asks for what is not supported.</exception>
    public static ModelConfig Read(GgufFile file)
    {
        GgufMetadata values = file.Metadata;
        string name = values.Text(ArchitectureKey) ?? throw Missing(file, ArchitectureKey);
        Architecture architecture = ArchitectureRegistry.SupportedGguf(name, values, file.Path);
        int Required(string key) => values.Integer($"{name}.{key}") ?? throw Missing(file, $"{name}.{key}");
        int? Optional(string key) => values.Integer($"{name}.{key}");

        int hidden = Required("embedding_length"), heads = Required("attention.head_count");
        int headDimension = Optional("attention.key_length") ?? (heads > 0 ? hidden / heads : 0);
        if (Optional("attention.value_length") is int valueLength && valueLength != headDimension)
        {
            throw new ModelFormatException(
                file.Path, $"'{name}.attention.value_length' is {valueLength}, which is not supported (supported: the head dimension {headDimension})");
        }

        int rotated = Optional("rope.dimension_count") ?? headDimension;
        if (rotated != headDimension && architecture.GgufRotary == RotaryStyle.Interleaved)
        {
            throw new ModelFormatException(
                file.Path, $"'{name}.rope.dimension_count' is {rotated}, which is not supported (supported: the head dimension {headDimension})");
        }

        RefuseWhatIsNotSupported(file, name);
        ModelConfig config = new()
        {
            Architecture = architecture.Name,
            VocabularySize = VocabularySize(file, name),
            ContextLength = Required("context_length"),
            HiddenSize = hidden,
            IntermediateSize = Required("feed_forward_length"),
            LayerCount = Required("block_count"),
            HeadCount = heads,
            KvHeadCount = Optional("attention.head_count_kv") ?? heads,
            HeadDimension = headDimension,
            RotaryDimension = rotated != headDimension ? rotated : null,
            RmsNormEpsilon = values.Float($"{name}.attention.layer_norm_rms_epsilon")
                ?? throw Missing(file, $"{name}.attention.layer_norm_rms_epsilon"),
            SlidingWindow = Optional("attention.sliding_window") is int window and not 0 ? window : null,
            FullAttentionInterval = FullAttentionInterval(file, $"{name}.attention.sliding_window_pattern"),
            AttentionScale = NotZero(values.Float($"{name}.attention.scale")),
            AttentionSoftCap = NotZero(values.Float($"{name}.attn_logit_softcapping")),
            LogitSoftCap = NotZero(values.Float($"{name}.final_logit_softcapping")),
            Experts = Experts(file, name),
            TieWordEmbeddings = !file.Tensors.ContainsKey("output.weight"),
            AttentionBias = file.Tensors.ContainsKey("blk.0.attn_q.bias") || file.Tensors.ContainsKey("blk.0.attn_qkv.bias"),
            BosTokenId = values.Integer(BosKey),
            EosTokenIds = [.. EndKeys.Select(values.Integer).OfType<int>().Distinct()],
        };
        return ModelConfigCheck.Checked(architecture.ReadGguf(values, GgufRope.Read(file, name, config)), file.Path);
    }

    /// <summary>The metadata that <see cref="Read"/> and other readers of GGUF expect, without a tokenizer.</summary>
    /// <exception cref="ArgumentException">The rotary scaling has no form in GGUF.</exception>
    public static Dictionary<string, object> Write(ModelConfig config)
    {
        string name = ArchitectureRegistry.Find(config.Architecture)?.GgufName ?? config.Architecture;
        Dictionary<string, object> values = new()
        {
            [ArchitectureKey] = name,
            [$"{name}.vocab_size"] = (uint)config.VocabularySize,
            [$"{name}.context_length"] = (uint)config.ContextLength,
            [$"{name}.embedding_length"] = (uint)config.HiddenSize,
            [$"{name}.feed_forward_length"] = (uint)config.IntermediateSize,
            [$"{name}.block_count"] = (uint)config.LayerCount,
            [$"{name}.attention.head_count"] = (uint)config.HeadCount,
            [$"{name}.attention.head_count_kv"] = (uint)config.KvHeadCount,
            [$"{name}.attention.key_length"] = (uint)config.HeadDimension,
            [$"{name}.attention.value_length"] = (uint)config.HeadDimension,
            [$"{name}.rope.dimension_count"] = (uint)(config.RotaryDimension ?? config.HeadDimension),
            [$"{name}.attention.layer_norm_rms_epsilon"] = config.RmsNormEpsilon,
        };
        GgufRope.Write(name, config, values);
        AddOptional(values, name, config);
        if (config.BosTokenId is int bos)
        {
            values[BosKey] = (uint)bos;
        }

        foreach ((string key, int id) in EndKeys.Zip(config.EosTokenIds))
        {
            values[key] = (uint)id;
        }

        return values;
    }

    /// <summary>Keys that change what a decoder computes, where they have another value than the one that changes nothing.</summary>
    private static void RefuseWhatIsNotSupported(GgufFile file, string name)
    {
        (string Key, double Supported)[] neutral =
        [
            ("attention.clamp_kqv", 0), ("attention.max_alibi_bias", 0), ("embedding_scale", 0), ("residual_scale", 0), ("logit_scale", 0),
            ("router_logit_softcapping", 0), ("expert_gating_func", 1), ("expert_weights_scale", 1), ("expert_shared_count", 0), ("leading_dense_block_count", 0),
            ("use_parallel_residual", 0),
        ];
        foreach ((string key, double supported) in neutral)
        {
            object? value = file.Metadata.Values.GetValueOrDefault($"{name}.{key}");
            if (value is IConvertible and not string && Convert.ToDouble(value, CultureInfo.InvariantCulture) is double number && number != supported && number != 0)
            {
                throw new ModelFormatException(file.Path, $"'{name}.{key}' is {value}, which is not supported (supported: {supported})");
            }
        }

        if (file.Metadata.Bool($"{name}.attention.causal") == false)
        {
            throw new ModelFormatException(file.Path, $"'{name}.attention.causal' is False, which is not supported");
        }
    }

    private static void AddOptional(Dictionary<string, object> values, string name, ModelConfig config)
    {
        void Add(string key, object? value)
        {
            if (value is not null)
            {
                values[$"{name}.{key}"] = value;
            }
        }

        Add("attention.sliding_window", (uint?)config.SlidingWindow);
        Add("attention.sliding_window_pattern", (uint?)config.FullAttentionInterval);
        Add("attention.scale", config.AttentionScale);
        Add("attn_logit_softcapping", config.AttentionSoftCap);
        Add("final_logit_softcapping", config.LogitSoftCap);
        Add("expert_count", (uint?)config.Experts?.Count);
        Add("expert_used_count", (uint?)config.Experts?.PerToken);
        Add("expert_feed_forward_length", (uint?)config.Experts?.IntermediateSize);
        Add("expert_weights_norm", config.Experts?.NormalizeWeights);
    }

    private static ExpertConfig? Experts(GgufFile file, string name)
    {
        GgufMetadata values = file.Metadata;
        return values.Integer($"{name}.expert_count") is int count and not 0
            ? new ExpertConfig(
                count,
                values.Integer($"{name}.expert_used_count") ?? throw Missing(file, $"{name}.expert_used_count"),
                values.Integer($"{name}.expert_feed_forward_length") ?? values.Integer($"{name}.feed_forward_length") ?? 0,
                values.Bool($"{name}.expert_weights_norm") ?? true)
            : null;
    }

    /// <summary>The pattern is an interval, or a bool a layer: it slides.</summary>
    private static int? FullAttentionInterval(GgufFile file, string key)
    {
        if (file.Metadata.Values.GetValueOrDefault(key) is not bool[] slides)
        {
            return file.Metadata.Integer(key) is int interval and not 0 ? interval : null;
        }

        int first = Array.IndexOf(slides, false);
        bool regular = slides.Select((slide, layer) => slide == (first < 0 || (layer + 1) % (first + 1) != 0)).All(same => same);
        return !regular ? throw new ModelFormatException(file.Path, $"'{key}' is [{string.Join(", ", slides)}], which is not supported (supported: every n-th layer without a window)")
            : first < 0 ? null : first + 1;
    }

    private static float? NotZero(float? value) => value == 0 ? null : value;

    private static int VocabularySize(GgufFile file, string architecture) =>
        file.Tensors.TryGetValue("token_embd.weight", out TensorInfo? table) && table.Shape is [long rows and <= int.MaxValue, _]
            ? (int)rows
            : file.Metadata.Integer($"{architecture}.vocab_size") ?? throw Missing(file, $"{architecture}.vocab_size");

    private static ModelFormatException Missing(GgufFile file, string key) => new(file.Path, $"the metadata value '{key}' is missing");
}
