namespace Inference.Models.Architectures;

/// <summary>OLMo 2 (OLMo Team, 2024): Llama with norms after attention and feed-forward instead of before, and of whole queries and keys.</summary>
internal static class Olmo2
{
    public static Architecture Architecture { get; } = new("olmo2", Design)
    {
        HuggingFaceClass = "Olmo2ForCausalLM",
        HuggingFaceDefaults = new() { ["rms_norm_eps"] = 1e-5 },
    };

    /// <summary>The blocks of OLMo 2 and 3.</summary>
    public static DecoderDesign Design(ModelConfig config) => Llama.Design(config) with { Norms = NormPlacement.After, QueryKeyNorm = QueryKeyNorm.Whole };
}
