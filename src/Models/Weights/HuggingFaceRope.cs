using System.Text.Json.Nodes;
using Inference.Models.Rotary;

namespace Inference.Models.Weights;

/// <summary>
/// The rotary embedding in config.json: `rope_theta` and `rope_scaling`, or `rope_parameters` of newer files, which may differ by
/// the kind of layer. Formulas and defaults: Hugging Face, transformers, modeling_rope_utils.
/// </summary>
internal static class HuggingFaceRope
{
    private const string Supported = "supported: default, linear, dynamic, llama3, yarn, longrope";

    /// <summary>The configuration with base, scaling and, where the scaling extends it, context length.</summary>
    public static ModelConfig Read(JsonKeys keys, ModelConfig config)
    {
        JsonKeys? section = keys.Section("rope_parameters") ?? keys.Section("rope_scaling");
        JsonKeys? rope = section?.Section("full_attention") ?? section;
        float? local = section?.Section("sliding_attention")?.Float("rope_theta") ?? keys.Float("rope_local_base_freq");
        config = config with
        {
            RopeTheta = rope?.Float("rope_theta") ?? keys.Float("rope_theta") ?? 10_000f,
            LocalRopeTheta = local,
        };
        return rope is null ? config : WithScaling(keys, rope, config);
    }

    /// <summary>Adds the keys that <see cref="Read"/> reads.</summary>
    /// <exception cref="ArgumentException">The scaling has no form in config.json.</exception>
    public static void Write(ModelConfig config, JsonObject json)
    {
        json["rope_theta"] = config.RopeTheta;
        json["rope_scaling"] = config.RopeScaling is RopeScaling scaling ? Json(scaling) : null;
        if (config.LocalRopeTheta is float local)
        {
            json["rope_local_base_freq"] = local;
        }

        if (config.RotaryDimension is int dimension)
        {
            json["partial_rotary_factor"] = (double)dimension / config.HeadDimension;
        }

        if (config.RopeScaling is LongRopeScaling { OriginalContextLength: int original })
        {
            json["original_max_position_embeddings"] = original;
        }
    }

    private static ModelConfig WithScaling(JsonKeys keys, JsonKeys rope, ModelConfig config)
    {
        string type = rope.Text("rope_type") ?? rope.Text("type") ?? "default";
        int? original = rope.OptionalInteger("original_max_position_embeddings") ?? keys.OptionalInteger("original_max_position_embeddings");
        switch (type)
        {
            case "default":
                return config;
            case "linear":
                return config with { RopeScaling = new LinearRopeScaling(Required(rope, "factor")) };
            case "dynamic":
                DynamicRopeScaling dynamic = new(Required(rope, "factor"), original ?? config.ContextLength);
                return config with { RopeScaling = dynamic, ContextLength = Extended(config, dynamic.OriginalContextLength, dynamic.Factor) };
            case "llama3":
                return config with
                {
                    RopeScaling = new Llama3RopeScaling(
                        Required(rope, "factor"), Required(rope, "low_freq_factor"), Required(rope, "high_freq_factor"),
                        rope.Integer("original_max_position_embeddings")),
                };
            case "yarn":
                YarnRopeScaling yarn = Yarn(rope, original ?? config.ContextLength);
                return config with { RopeScaling = yarn, ContextLength = Extended(config, yarn.OriginalContextLength, yarn.Factor) };
            case "longrope" or "su":
                return config with
                {
                    RopeScaling = LongRope(rope, original ?? throw rope.Wrong("original_max_position_embeddings", "is missing"), config),
                };
            default:
                throw rope.Wrong("rope_type", $"is '{type}', which is not supported ({Supported})");
        }
    }

    private static YarnRopeScaling Yarn(JsonKeys rope, int original)
    {
        if (rope.Bool("truncate") == false)
        {
            throw rope.Wrong("truncate", "is false, which is not supported");
        }

        float factor = Required(rope, "factor");
        float? attention = rope.Float("attention_factor");
        if (attention is null && rope.Float("mscale") is float scale && rope.Float("mscale_all_dim") is float scaleAll && scale != 0 && scaleAll != 0)
        {
            attention = (float)(YarnRopeScaling.DefaultMagnitude(factor, scale) / YarnRopeScaling.DefaultMagnitude(factor, scaleAll));
        }

        return new YarnRopeScaling(factor, original, attention, rope.Float("beta_fast") ?? 32, rope.Float("beta_slow") ?? 1);
    }

    private static LongRopeScaling LongRope(JsonKeys rope, int original, ModelConfig config)
    {
        foreach (string key in (string[])["short_mscale", "long_mscale"])
        {
            if (rope.Float(key) is float scale)
            {
                throw rope.Wrong(key, $"is {scale}, which is not supported");
            }
        }

        float attention = rope.Float("attention_factor")
            ?? (original > 1 ? LongRopeScaling.DefaultMagnitude(config.ContextLength, original) : throw rope.Wrong("original_max_position_embeddings", $"must be above 1, not {original}"));
        return new LongRopeScaling(
            rope.Floats("short_factor") ?? throw rope.Wrong("short_factor", "is missing"),
            rope.Floats("long_factor") ?? throw rope.Wrong("long_factor", "is missing"),
            original,
            attention);
    }

    /// <summary>`max_position_embeddings` has the original length in some files, the extended one in others.</summary>
    private static int Extended(ModelConfig config, int original, float factor) =>
        (int)Math.Clamp((double)original * factor, config.ContextLength, ModelConfigCheck.MaxContextLength);

    private static float Required(JsonKeys rope, string key) => rope.Float(key) ?? throw rope.Wrong(key, "is missing");

    private static JsonObject Json(RopeScaling scaling) => scaling switch
    {
        LinearRopeScaling linear => new JsonObject { ["rope_type"] = "linear", ["factor"] = linear.Factor },
        DynamicRopeScaling dynamic => new JsonObject
        {
            ["rope_type"] = "dynamic",
            ["factor"] = dynamic.Factor,
            ["original_max_position_embeddings"] = dynamic.OriginalContextLength,
        },
        Llama3RopeScaling llama3 => new JsonObject
        {
            ["rope_type"] = "llama3",
            ["factor"] = llama3.Factor,
            ["low_freq_factor"] = llama3.LowFrequencyFactor,
            ["high_freq_factor"] = llama3.HighFrequencyFactor,
            ["original_max_position_embeddings"] = llama3.OriginalContextLength,
        },
        YarnRopeScaling yarn => new JsonObject
        {
            ["rope_type"] = "yarn",
            ["factor"] = yarn.Factor,
            ["original_max_position_embeddings"] = yarn.OriginalContextLength,
            ["attention_factor"] = yarn.AttentionFactor,
            ["beta_fast"] = yarn.BetaFast,
            ["beta_slow"] = yarn.BetaSlow,
        },
        LongRopeScaling longRope => new JsonObject
        {
            ["rope_type"] = "longrope",
            ["short_factor"] = new JsonArray([.. longRope.ShortFactors.Select(f => (JsonNode)f)]),
            ["long_factor"] = new JsonArray([.. longRope.LongFactors.Select(f => (JsonNode)f)]),
            ["attention_factor"] = longRope.AttentionFactor,
        },
        _ => throw new ArgumentException($"{scaling.GetType().Name} has no form in config.json", nameof(scaling)),
    };
}
