using Inference.Models.Weights;

namespace Inference.Models.Architectures;

/// <summary>
/// Gemma 3, text (Gemma Team, 2025): Gemma 2 with norms of queries and keys in place of the attention's soft cap, five layers of six
/// with a sliding window, and a rotary base of their own for these.
/// </summary>
internal static class Gemma3
{
    private const int Layers27B = 62;

    public static Architecture Architecture { get; } = new("gemma3_text", config => Gemma2.Design(config) with { QueryKeyNorm = QueryKeyNorm.PerHead })
    {
        GgufName = "gemma3",
        HuggingFaceClass = "Gemma3ForCausalLM",
        HuggingFaceDefaults = new()
        {
            ["vocab_size"] = 262_208,
            ["max_position_embeddings"] = 131_072,
            ["num_attention_heads"] = 8,
            ["num_key_value_heads"] = 4,
            ["head_dim"] = 256,
            ["query_pre_attn_scalar"] = 256,
            ["sliding_window"] = 4096,
            ["sliding_window_pattern"] = 6,
            ["rope_theta"] = 1e6,
            ["rope_local_base_freq"] = 1e4,
            ["tie_word_embeddings"] = true,
        },
        ReadHuggingFace = (keys, config) =>
            Gemma2.WithScaleAndCaps(keys, HuggingFaceLayers.WithSlidingWindow(keys, config, keys.OptionalInteger("sliding_window_pattern"))),
        WriteHuggingFace = (config, json) =>
        {
            HuggingFaceLayers.Write(config, json);
            Gemma2.WriteScaleAndCaps(config, json);
        },
        ReadGguf = (_, config) => Gemma2.WithGgufScale(config, Layers27B) with
        {
            FullAttentionInterval = config.SlidingWindow is null ? null : config.FullAttentionInterval ?? 6,
            LocalRopeTheta = config.LocalRopeTheta ?? 10_000f,
        },
    };
}
