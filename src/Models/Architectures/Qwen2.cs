using Inference.Models.Weights;

namespace Inference.Models.Architectures;

/// <summary>Qwen2 and Qwen2.5 (Yang et al., 2024): Llama with biases on the projections of queries, keys and values, always.</summary>
internal static class Qwen2
{
    public static Architecture Architecture { get; } = new("qwen2", _ => new DecoderDesign { QueryKeyValueBias = true })
    {
        HuggingFaceClass = "Qwen2ForCausalLM",
        HuggingFaceDefaults = new() { ["sliding_window"] = 4096, ["max_window_layers"] = 28, ["attention_bias"] = true },
        ReadHuggingFace = HuggingFaceLayers.WithOptionalSlidingWindow,
        WriteHuggingFace = HuggingFaceLayers.WriteOptional,
    };
}
