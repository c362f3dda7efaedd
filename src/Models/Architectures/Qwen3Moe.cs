using Inference.Models.Weights;

namespace Inference.Models.Architectures;

/// <summary>Qwen3 with experts in every layer (Yang et al., 2025).</summary>
internal static class Qwen3Moe
{
    public static Architecture Architecture { get; } = new("qwen3_moe", Qwen3.Design)
    {
        GgufName = "qwen3moe",
        HuggingFaceClass = "Qwen3MoeForCausalLM",
        HuggingFaceDefaults = new() { ["sliding_window"] = 4096, ["max_window_layers"] = 28 },
        ReadHuggingFace = (keys, config) =>
        {
            RefuseDenseLayers(keys);
            return HuggingFaceLayers.WithOptionalSlidingWindow(keys, config) with
            {
                Experts = new ExpertConfig(
                    keys.OptionalInteger("num_local_experts") ?? keys.Integer("num_experts"), keys.Integer("num_experts_per_tok"), keys.Integer("moe_intermediate_size"),
                    NormalizeWeights: keys.Bool("norm_topk_prob") ?? false),
            };
        },
        WriteHuggingFace = (config, json) =>
        {
            HuggingFaceLayers.WriteOptional(config, json);
            json["num_experts"] = config.Experts?.Count;
            json["num_experts_per_tok"] = config.Experts?.PerToken;
            json["moe_intermediate_size"] = config.Experts?.IntermediateSize;
            json["norm_topk_prob"] = config.Experts?.NormalizeWeights;
        },
    };

    private static void RefuseDenseLayers(JsonKeys keys)
    {
        if (keys.OptionalInteger("decoder_sparse_step") is int step and not 1)
        {
            throw keys.Wrong("decoder_sparse_step", $"is {step}, which is not supported (supported: 1, experts in every layer)");
        }

        if (keys.IntegerOrList("mlp_only_layers") is { Length: > 0 } dense)
        {
            throw keys.Wrong("mlp_only_layers", $"is [{string.Join(", ", dense)}], which is not supported (supported: experts in every layer)");
        }
    }
}
