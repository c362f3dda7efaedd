using Inference.Models.Weights;

namespace Inference.Models.Architectures;

/// <summary>OLMo 3 (OLMo Team, 2025): OLMo 2 with a sliding window in three layers of four, which the rotary scaling leaves out. GGUF files call it olmo2.</summary>
internal static class Olmo3
{
    private const int DefaultInterval = 4;

    public static Architecture Architecture { get; } = new("olmo3", Olmo2.Design)
    {
        GgufName = "olmo2",
        HuggingFaceClass = "Olmo3ForCausalLM",
        HuggingFaceDefaults = new() { ["rms_norm_eps"] = 1e-5, ["rope_theta"] = 5e5, ["sliding_window"] = 4096 },
        ReadsGguf = values => values.Integer("olmo2.attention.sliding_window") is int and not 0,
        ReadHuggingFace = (keys, config) => WithLocalTheta(HuggingFaceLayers.WithSlidingWindow(keys, config, DefaultInterval)),
        WriteHuggingFace = HuggingFaceLayers.Write,
        ReadGguf = (_, config) => WithLocalTheta(config with { FullAttentionInterval = config.FullAttentionInterval ?? DefaultInterval }),
    };

    private static ModelConfig WithLocalTheta(ModelConfig config) => config with { LocalRopeTheta = config.LocalRopeTheta ?? config.RopeTheta };
}
