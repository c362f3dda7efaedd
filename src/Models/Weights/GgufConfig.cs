namespace Inference.Models.Weights;

/// <summary>The metadata of a GGUF language model, to and from <see cref="ModelConfig"/>.</summary>
public static class GgufConfig
{
    private const string ArchitectureKey = "general.architecture";
    private const string BosKey = "tokenizer.ggml.bos_token_id";
    private static readonly string[] EndKeys = ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"];

    /// <summary>Reads the model's shape and constants. Llama 3's rotary scaling is not here: it is the tensor `rope_freqs.weight`.</summary>
    /// <exception cref="ModelFormatException">A key is missing, out of range, or asks for what is not supported.</exception>
    public static ModelConfig Read(GgufFile file)
    {
        GgufMetadata values = file.Metadata;
        string architecture = values.Text(ArchitectureKey) ?? throw Missing(file, ArchitectureKey);
        int Required(string key) => values.Integer($"{architecture}.{key}") ?? throw Missing(file, $"{architecture}.{key}");
        int? Optional(string key) => values.Integer($"{architecture}.{key}");

        int hidden = Required("embedding_length"), heads = Required("attention.head_count");
        int headDimension = Optional("attention.key_length") ?? (heads > 0 ? hidden / heads : 0);
        Refuse(file, $"{architecture}.attention.value_length", Optional("attention.value_length"), headDimension);
        Refuse(file, $"{architecture}.rope.dimension_count", Optional("rope.dimension_count"), headDimension);
        string scaling = values.Text($"{architecture}.rope.scaling.type") ?? "none";
        if (scaling != "none")
        {
            throw new ModelFormatException(
                file.Path, $"'{architecture}.rope.scaling.type' is '{scaling}', which is not supported (supported: none, and rope_freqs.weight)");
        }

        return ModelConfigCheck.Checked(
            new ModelConfig
            {
                Architecture = architecture,
                VocabularySize = VocabularySize(file, architecture),
                ContextLength = Required("context_length"),
                HiddenSize = hidden,
                IntermediateSize = Required("feed_forward_length"),
                LayerCount = Required("block_count"),
                HeadCount = heads,
                KvHeadCount = Optional("attention.head_count_kv") ?? heads,
                HeadDimension = headDimension,
                RmsNormEpsilon = values.Float($"{architecture}.attention.layer_norm_rms_epsilon")
                    ?? throw Missing(file, $"{architecture}.attention.layer_norm_rms_epsilon"),
                RopeTheta = values.Float($"{architecture}.rope.freq_base") ?? 10_000f,
                TieWordEmbeddings = !file.Tensors.ContainsKey("output.weight"),
                AttentionBias = file.Tensors.ContainsKey("blk.0.attn_q.bias"),
                BosTokenId = values.Integer(BosKey),
                EosTokenIds = [.. EndKeys.Select(values.Integer).OfType<int>().Distinct()],
            },
            file.Path);
    }

    /// <summary>The metadata that <see cref="Read"/> and other readers of GGUF expect, without a tokenizer.</summary>
    public static Dictionary<string, object> Write(ModelConfig config)
    {
        string architecture = config.Architecture;
        Dictionary<string, object> values = new()
        {
            [ArchitectureKey] = architecture,
            [$"{architecture}.vocab_size"] = (uint)config.VocabularySize,
            [$"{architecture}.context_length"] = (uint)config.ContextLength,
            [$"{architecture}.embedding_length"] = (uint)config.HiddenSize,
            [$"{architecture}.feed_forward_length"] = (uint)config.IntermediateSize,
            [$"{architecture}.block_count"] = (uint)config.LayerCount,
            [$"{architecture}.attention.head_count"] = (uint)config.HeadCount,
            [$"{architecture}.attention.head_count_kv"] = (uint)config.KvHeadCount,
            [$"{architecture}.attention.key_length"] = (uint)config.HeadDimension,
            [$"{architecture}.attention.value_length"] = (uint)config.HeadDimension,
            [$"{architecture}.rope.dimension_count"] = (uint)config.HeadDimension,
            [$"{architecture}.attention.layer_norm_rms_epsilon"] = config.RmsNormEpsilon,
            [$"{architecture}.rope.freq_base"] = config.RopeTheta,
        };
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

    private static int VocabularySize(GgufFile file, string architecture) =>
        file.Tensors.TryGetValue("token_embd.weight", out TensorInfo? table) && table.Shape is [long rows and <= int.MaxValue, _]
            ? (int)rows
            : file.Metadata.Integer($"{architecture}.vocab_size") ?? throw Missing(file, $"{architecture}.vocab_size");

    private static void Refuse(GgufFile file, string key, int? value, int supported)
    {
        if (value is int found && found != supported)
        {
            throw new ModelFormatException(file.Path, $"'{key}' is {found}, which is not supported (supported: the head dimension {supported})");
        }
    }

    private static ModelFormatException Missing(GgufFile file, string key) => new(file.Path, $"the metadata value '{key}' is missing");
}
