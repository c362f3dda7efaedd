using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>
/// Mixtral (Jiang et al., 2024): Mistral with experts, each token in those with the greatest probabilities, which are scaled to sum to 1.
/// GGUF files call it llama.
/// </summary>
internal static class Mixtral
{
    public static Architecture Architecture { get; } = new("mixtral", config => Llama.Design(config) with { ExpertNames = ExpertNames.Mixtral })
    {
        GgufName = "llama",
        GgufRotary = RotaryStyle.Interleaved,
        HuggingFaceClass = "MixtralForCausalLM",
        HuggingFaceDefaults = new() { ["num_local_experts"] = 8, ["num_experts_per_tok"] = 2, ["rms_norm_eps"] = 1e-5, ["rope_theta"] = 1e6 },
        ReadsGguf = values => values.Integer("llama.expert_count") is int and not 0,
        ReadHuggingFace = (keys, config) => HuggingFaceLayers.WithSlidingWindow(keys, config) with
        {
            Experts = new ExpertConfig(keys.Integer("num_local_experts"), keys.Integer("num_experts_per_tok"), config.IntermediateSize, NormalizeWeights: true),
        },
        WriteHuggingFace = (config, json) =>
        {
            HuggingFaceLayers.Write(config, json);
            json["num_local_experts"] = config.Experts?.Count;
            json["num_experts_per_tok"] = config.Experts?.PerToken;
        },
    };
}
