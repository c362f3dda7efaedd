using System.Text.Json.Nodes;

namespace Inference.Models.Weights;

/// <summary>Which layers have a sliding window, in config.json: `sliding_window` with `layer_types`, an interval, or all layers.</summary>
internal static class HuggingFaceLayers
{
    private const string Full = "full_attention";
    private const string Sliding = "sliding_attention";

    /// <summary>The configuration with its window and the interval of the layers without one.</summary>
    /// <param name="keys">The file.</param>
    /// <param name="config">What was read so far.</param>
    /// <param name="interval">Every so many layers one sees everything, where `layer_types` is missing; null: none does.</param>
    public static ModelConfig WithSlidingWindow(JsonKeys keys, ModelConfig config, int? interval = null)
    {
        if (keys.OptionalInteger("sliding_window") is not int window)
        {
            return config;
        }

        if (keys.Texts("layer_types") is string[] types)
        {
            return types.Contains(Sliding) ? config with { SlidingWindow = window, FullAttentionInterval = Interval(keys, config, types) } : config;
        }

        return interval == 1 ? config : config with { SlidingWindow = window, FullAttentionInterval = interval };
    }

    /// <summary>The same where `use_sliding_window` must ask for it, for the layers from `max_window_layers` on (Qwen).</summary>
    public static ModelConfig WithOptionalSlidingWindow(JsonKeys keys, ModelConfig config)
    {
        if (keys.Bool("use_sliding_window") != true)
        {
            return config;
        }

        int first = keys.OptionalInteger("max_window_layers") ?? 0;
        return first >= config.LayerCount ? config
            : first <= 0 || keys.Texts("layer_types") is not null ? WithSlidingWindow(keys, config)
            : throw keys.Wrong("max_window_layers", $"is {first}, which is not supported (supported: 0, or all {config.LayerCount} layers)");
    }

    /// <summary>Adds the keys that <see cref="WithSlidingWindow"/> reads.</summary>
    public static void Write(ModelConfig config, JsonObject json)
    {
        json["sliding_window"] = config.SlidingWindow;
        json["layer_types"] = new JsonArray([.. Enumerable.Range(0, config.LayerCount).Select(i => (JsonNode)(config.Slides(i) ? Sliding : Full))]);
    }

    /// <summary>Adds the keys that <see cref="WithOptionalSlidingWindow"/> reads.</summary>
    public static void WriteOptional(ModelConfig config, JsonObject json)
    {
        json["use_sliding_window"] = config.SlidingWindow is not null;
        json["max_window_layers"] = config.SlidingWindow is null ? config.LayerCount : 0;
        Write(config, json);
    }

    private static int? Interval(JsonKeys keys, ModelConfig config, string[] types)
    {
        int first = Array.IndexOf(types, Full);
        int? interval = first < 0 ? null : first + 1;
        ModelConfig regular = config with { SlidingWindow = 1, FullAttentionInterval = interval };
        return types.Length == config.LayerCount && types.Select((type, i) => type == (regular.Slides(i) ? Sliding : Full)).All(same => same)
            ? interval
            : throw keys.Wrong("layer_types", $"is [{string.Join(", ", types)}], which is not supported (supported: every n-th of {config.LayerCount} layers {Full}, the others {Sliding})");
    }
}
