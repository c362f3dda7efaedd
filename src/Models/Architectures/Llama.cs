using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>
/// Llama 2 and 3 (Touvron et al., 2023; Grattafiori et al., 2024), with Llama 3.1's rotary scaling where the files have it.
/// Projections of the attention have biases only where `attention_bias` says so.
/// </summary>
internal static class Llama
{
    public static Architecture Architecture { get; } = new(
        "llama",
        RotaryStyle.Interleaved,
        Create,
        config => DecoderTensors.Of(config, config.AttentionBias, outputBias: config.AttentionBias));

    private static Decoder Create(ModelWeights weights, IBackend backend) => new(
        weights,
        backend,
        Architecture.Rotary(weights.Container),
        queryKeyValueBias: weights.Config.AttentionBias,
        outputBias: weights.Config.AttentionBias && weights.Contains("model.layers.0.self_attn.o_proj.bias"));
}
