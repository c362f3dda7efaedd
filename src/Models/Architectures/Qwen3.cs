using Inference.Models.Weights;

namespace Inference.Models.Architectures;

/// <summary>Qwen3 (Yang et al., 2025): Llama with a norm of each query and key head before the rotation.</summary>
internal static class Qwen3
{
    public static Architecture Architecture { get; } = new("qwen3", Design)
    {
        HuggingFaceClass = "Qwen3ForCausalLM",
        HuggingFaceDefaults = new() { ["head_dim"] = 128, ["sliding_window"] = 4096, ["max_window_layers"] = 28 },
        ReadHuggingFace = HuggingFaceLayers.WithOptionalSlidingWindow,
        WriteHuggingFace = HuggingFaceLayers.WriteOptional,
    };

    /// <summary>Qwen3's blocks, with or without experts.</summary>
    public static DecoderDesign Design(ModelConfig config) => Llama.Design(config) with { QueryKeyNorm = QueryKeyNorm.PerHead };
}
