using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>Qwen2 and Qwen2.5 (Yang et al., 2024): Llama with biases on the projections of queries, keys and values, always.</summary>
internal static class Qwen2
{
    public static Architecture Architecture { get; } = new(
        "qwen2",
        RotaryStyle.HalfSplit,
        Create,
        config => DecoderTensors.Of(config, queryKeyValueBias: true, outputBias: false));

    private static Decoder Create(ModelWeights weights, IBackend backend) =>
        new(weights, backend, Architecture.Rotary(weights.Container), queryKeyValueBias: true, outputBias: false);
}
