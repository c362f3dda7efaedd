using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>SmolLM3 (Hugging Face, 2025): Llama in which every fourth layer has no rotary embedding.</summary>
internal static class SmolLm3
{
    private const int DefaultInterval = 4;

    public static Architecture Architecture { get; } = new("smollm3", Llama.Design)
    {
        GgufRotary = RotaryStyle.Interleaved,
        HuggingFaceClass = "SmolLM3ForCausalLM",
        HuggingFaceDefaults = new() { ["no_rope_layer_interval"] = DefaultInterval, ["rope_theta"] = 2e6, ["tie_word_embeddings"] = true },
        ReadHuggingFace = WithRotation,
        WriteHuggingFace = (config, json) => json["no_rope_layer_interval"] = config.NoRotaryInterval,
        ReadGguf = (_, config) => config with { NoRotaryInterval = DefaultInterval },
    };

    /// <summary>`no_rope_layers` has a 1 for each layer with a rotary embedding, whatever its name says.</summary>
    private static ModelConfig WithRotation(JsonKeys keys, ModelConfig config)
    {
        if (keys.Bool("use_sliding_window") == true)
        {
            throw keys.Wrong("use_sliding_window", "is true, which is not supported for this architecture");
        }

        ModelConfig regular = config with { NoRotaryInterval = keys.Integer("no_rope_layer_interval") };
        int[] rotates = keys.IntegerOrList("no_rope_layers");
        return rotates.Length == 0 || rotates.SequenceEqual(Enumerable.Range(0, config.LayerCount).Select(i => regular.Rotates(i) ? 1 : 0))
            ? regular
            : throw keys.Wrong("no_rope_layers", $"is [{string.Join(", ", rotates)}], which is not supported (supported: 0 every {regular.NoRotaryInterval} layers, 1 else)");
    }
}
