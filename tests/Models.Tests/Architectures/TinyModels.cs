using Inference.Tensors;

namespace Inference.Models.Tests.Architectures;

/// <summary>Shapes of small models with random weights. Golden vectors depend on them: tests/golden/llama.cpp/README.md.</summary>
public static class TinyModels
{
    /// <summary>Seed of the weights.</summary>
    public const ulong Seed = 260;

    /// <summary>Grouped-query, an untied head, heads wider than hidden / heads.</summary>
    public static ModelConfig Llama { get; } = new()
    {
        Architecture = "llama",
        VocabularySize = 256,
        ContextLength = 256,
        HiddenSize = 64,
        IntermediateSize = 96,
        LayerCount = 3,
        HeadCount = 4,
        KvHeadCount = 2,
        HeadDimension = 32,
        RmsNormEpsilon = 1e-5f,
        RopeTheta = 10_000f,
    };

    /// <summary>Llama 3's rotary scaling, over a context so short that all three of its ranges occur.</summary>
    public static ModelConfig Llama3 { get; } = Llama with
    {
        RopeTheta = 500_000f,
        RopeScaling = new RopeScaling(8, 1, 4, 32),
    };

    /// <summary>Biases on queries, keys and values.</summary>
    public static ModelConfig Qwen2 { get; } = Llama with
    {
        Architecture = "qwen2",
        HeadDimension = 16,
        RmsNormEpsilon = 1e-6f,
        RopeTheta = 1_000_000f,
    };

    /// <summary>The golden files: name, shape, format, and the bound on the difference relative to the largest magnitude.</summary>
    public static IReadOnlyList<(string Name, ModelConfig Config, DType Type, double Tolerance)> Golden { get; } =
    [
        ("llama-f32", Llama, DType.F32, 1e-5),
        ("llama-f16", Llama, DType.F16, 2e-3),
        ("llama-bf16", Llama, DType.BF16, 1e-2),
        ("llama-q8_0", Llama, DType.Q8_0, 2e-2),
        ("llama-q4_0", Llama, DType.Q4_0, 2e-2),
        ("llama3-f32", Llama3, DType.F32, 1e-5),
        ("qwen2-f32", Qwen2, DType.F32, 1e-5),
        ("qwen2-bf16", Qwen2, DType.BF16, 1e-2),
        ("qwen2-q8_0", Qwen2, DType.Q8_0, 2e-2),
        ("qwen2-q4_0", Qwen2, DType.Q4_0, 2e-2),
    ];

    /// <summary>A prompt that repeats itself only in part.</summary>
    public static int[] Prompt(int length) => [.. Enumerable.Range(0, length).Select(i => ((i * 37) + (i * i * 5) + 11) % 256)];
}
