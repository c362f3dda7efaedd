using System.Text.Json.Nodes;
using Inference.Models.Layers;
using Inference.Models.Weights;

namespace Inference.Models.Architectures;

/// <summary>
/// Gemma 2 (Gemma Team, 2024): norms before and after each layer, every other layer with a sliding window, soft caps on the
/// attention's scores and on the logits, scaled embeddings, gelu.
/// </summary>
internal static class Gemma2
{
    private const int Layers27B = 46;

    public static Architecture Architecture { get; } = new("gemma2", Design)
    {
        HuggingFaceClass = "Gemma2ForCausalLM",
        HuggingFaceDefaults = new()
        {
            ["head_dim"] = 256,
            ["query_pre_attn_scalar"] = 256,
            ["sliding_window"] = 4096,
            ["attn_logit_softcapping"] = 50.0,
            ["final_logit_softcapping"] = 30.0,
            ["tie_word_embeddings"] = true,
        },
        ReadHuggingFace = (keys, config) => WithScaleAndCaps(keys, HuggingFaceLayers.WithSlidingWindow(keys, config, interval: 2)),
        WriteHuggingFace = (config, json) =>
        {
            HuggingFaceLayers.Write(config, json);
            WriteScaleAndCaps(config, json);
        },
        ReadGguf = (_, config) => WithGgufScale(config, Layers27B) with
        {
            SlidingWindow = config.SlidingWindow ?? 4096,
            FullAttentionInterval = config.FullAttentionInterval ?? 2,
        },
    };

    /// <summary>The blocks of Gemma 2, but for Gemma 3's norms of queries and keys.</summary>
    public static DecoderDesign Design(ModelConfig config) => Llama.Design(config) with
    {
        Norms = NormPlacement.Around,
        NormsStoredMinusOne = true,
        ScaledEmbedding = true,
        Activation = Activation.GeluTanh,
    };

    /// <summary>`query_pre_attn_scalar` to the power of -1/2 scales the scores. A soft cap of null is none.</summary>
    public static ModelConfig WithScaleAndCaps(JsonKeys keys, ModelConfig config) => config with
    {
        AttentionScale = keys.Float("query_pre_attn_scalar") is float scalar ? Scale(scalar, config) : null,
        AttentionSoftCap = keys.Float("attn_logit_softcapping"),
        LogitSoftCap = keys.Float("final_logit_softcapping"),
    };

    /// <summary>Writes the keys that <see cref="WithScaleAndCaps"/> reads.</summary>
    public static void WriteScaleAndCaps(ModelConfig config, JsonObject json)
    {
        json["query_pre_attn_scalar"] = config.AttentionScale is float scale ? 1 / (scale * scale) : config.HeadDimension;
        json["attn_logit_softcapping"] = config.AttentionSoftCap;
        json["final_logit_softcapping"] = config.LogitSoftCap;
    }

    /// <summary>GGUF has no key for the scale: the models of 27 billion parameters, known by their layers, use hidden / heads in place of the head dimension.</summary>
    public static ModelConfig WithGgufScale(ModelConfig config, int layersOf27B) => config.AttentionScale is null && config.LayerCount == layersOf27B
        ? config with { AttentionScale = Scale(config.HiddenSize / config.HeadCount, config) }
        : config;

    /// <summary>Null where it is the usual scale, so that both containers give the same configuration.</summary>
    private static float? Scale(float scalar, ModelConfig config) => scalar == config.HeadDimension ? null : 1 / MathF.Sqrt(scalar);
}
