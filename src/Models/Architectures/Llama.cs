using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>
/// Llama 2 and 3, SmolLM and SmolLM2 (Touvron et al., 2023; Grattafiori et al., 2024). Projections of the attention have biases only
/// where `attention_bias` says so.
/// </summary>
internal static class Llama
{
    public static Architecture Architecture { get; } = new("llama", Design)
    {
        GgufRotary = RotaryStyle.Interleaved,
        HuggingFaceClass = "LlamaForCausalLM",
    };

    /// <summary>Llama's blocks, which others have too.</summary>
    public static DecoderDesign Design(ModelConfig config) => new() { QueryKeyValueBias = config.AttentionBias, OutputBias = config.AttentionBias };
}
