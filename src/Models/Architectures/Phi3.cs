using Inference.Models.Weights;

namespace Inference.Models.Architectures;

/// <summary>
/// Phi-3, Phi-3.5, Phi-4 and Phi-4-mini (Abdin et al., 2024): Llama with fused projections, LongRoPE, and a sliding window or partial
/// rotation in some. The window holds for GGUF files too, where llama.cpp leaves it out.
/// </summary>
internal static class Phi3
{
    public static Architecture Architecture { get; } = new("phi3", config => new DecoderDesign { FusedProjections = true, QueryKeyValueBias = config.AttentionBias })
    {
        HuggingFaceClass = "Phi3ForCausalLM",
        HuggingFaceDefaults = new() { ["rms_norm_eps"] = 1e-5 },
        ReadHuggingFace = (keys, config) => HuggingFaceLayers.WithSlidingWindow(keys, config) with
        {
            RotaryDimension = (keys.Float("partial_rotary_factor") ?? keys.Section("rope_parameters")?.Float("partial_rotary_factor")) is float factor and not 1
                ? (int)(config.HeadDimension * factor)
                : null,
        },
        WriteHuggingFace = HuggingFaceLayers.Write,
    };
}
