using Inference.Models.Rotary;
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
        RopeScaling = new Llama3RopeScaling(8, 1, 4, 32),
    };

    /// <summary>Biases on queries, keys and values.</summary>
    public static ModelConfig Qwen2 { get; } = Llama with
    {
        Architecture = "qwen2",
        AttentionBias = true,
        HeadDimension = 16,
        RmsNormEpsilon = 1e-6f,
        RopeTheta = 1_000_000f,
    };

    /// <summary>SmolLM and SmolLM2: three query heads on a key/value head, a tied head.</summary>
    public static ModelConfig SmolLm { get; } = Llama with
    {
        HiddenSize = 96,
        HeadCount = 6,
        HeadDimension = 16,
        RopeTheta = 100_000f,
        TieWordEmbeddings = true,
    };

    /// <summary>Rows of whole blocks of 256, for the formats that have them.</summary>
    public static ModelConfig Wide { get; } = Llama with { HiddenSize = 256, IntermediateSize = 512, HeadCount = 8, LayerCount = 2 };

    /// <summary>A window shorter than the prompts. Llama.cpp leaves Mistral's window out: no golden vector has one.</summary>
    public static ModelConfig Mistral { get; } = Llama with { Architecture = "mistral", SlidingWindow = 9 };

    /// <summary>A window that nothing reaches beyond, so that llama.cpp computes the same.</summary>
    public static ModelConfig WideMistral { get; } = Mistral with { SlidingWindow = 128 };

    /// <summary>Two of five experts.</summary>
    public static ModelConfig Mixtral { get; } = Llama with { Architecture = "mixtral", Experts = new ExpertConfig(5, 2, 96, NormalizeWeights: true) };

    /// <summary>Layers 3 and 7 of 5 without a rotary embedding.</summary>
    public static ModelConfig SmolLm3 { get; } = Llama with { Architecture = "smollm3", LayerCount = 5, NoRotaryInterval = 4 };

    /// <summary>Norms of each query and key head.</summary>
    public static ModelConfig Qwen3 { get; } = Qwen2 with { Architecture = "qwen3", AttentionBias = false, HeadDimension = 32 };

    /// <summary>Three of eight experts, narrower than the dense layer that there is not.</summary>
    public static ModelConfig Qwen3Moe { get; } = Qwen3 with { Architecture = "qwen3_moe", Experts = new ExpertConfig(8, 3, 32, NormalizeWeights: true) };

    /// <summary>Fused projections, LongRoPE beyond the original context. Llama.cpp wants heads of hidden / heads here.</summary>
    public static ModelConfig Phi3 { get; } = Llama with
    {
        Architecture = "phi3",
        HeadDimension = 16,
        RopeScaling = new LongRopeScaling(
            [1, 1.1f, 1.2f, 1.3f, 1.4f, 1.5f, 1.6f, 1.7f], [1, 1.5f, 2, 3, 5, 8, 13, 21], 64, LongRopeScaling.DefaultMagnitude(256, 64)),
    };

    /// <summary>Phi-4-mini: within the original context, three quarters of a head rotated, a tied head.</summary>
    public static ModelConfig Phi4Mini { get; } = Phi3 with
    {
        RotaryDimension = 12,
        TieWordEmbeddings = true,
        RopeScaling = new LongRopeScaling([1, 1.1f, 1.2f, 1.3f, 1.4f, 1.5f], [1, 1.5f, 2, 3, 5, 8], 1024, 1),
    };

    /// <summary>Norms around, soft caps that bite, a window shorter than the prompts in every other layer.</summary>
    public static ModelConfig Gemma2 { get; } = Llama with
    {
        Architecture = "gemma2",
        SlidingWindow = 9,
        FullAttentionInterval = 2,
        AttentionSoftCap = 5,
        LogitSoftCap = 50,
        TieWordEmbeddings = true,
    };

    /// <summary>Five layers of six with a window and a rotary base of their own; linear scaling of the sixth, of seven.</summary>
    public static ModelConfig Gemma3 { get; } = Gemma2 with
    {
        Architecture = "gemma3_text",
        LayerCount = 7,
        SlidingWindow = 7,
        FullAttentionInterval = 6,
        RopeTheta = 1_000_000f,
        LocalRopeTheta = 10_000f,
        RopeScaling = new LinearRopeScaling(8),
        AttentionSoftCap = null,
        LogitSoftCap = null,
        TieWordEmbeddings = false,
    };

    /// <summary>Norms after, norms of whole queries and keys. Llama.cpp wants heads of hidden / heads here.</summary>
    public static ModelConfig Olmo2 { get; } = Llama with { Architecture = "olmo2", HeadDimension = 16 };

    /// <summary>OLMo 2 with a window shorter than the prompts in three layers of four, and YaRN in the fourth, of five.</summary>
    public static ModelConfig Olmo3 { get; } = Olmo2 with
    {
        Architecture = "olmo3",
        LayerCount = 5,
        SlidingWindow = 7,
        FullAttentionInterval = 4,
        LocalRopeTheta = 10_000f,
        RopeScaling = new YarnRopeScaling(8, 2048),
    };

    /// <summary>YaRN: frequencies kept, mixed and divided. Llama.cpp reads no other turns than 32 and 1 here.</summary>
    public static ModelConfig Yarn { get; } = Qwen3 with { RopeTheta = 10_000f, RopeScaling = new YarnRopeScaling(8, 2048) };

    /// <summary>Position interpolation.</summary>
    public static ModelConfig Linear { get; } = Llama with { RopeScaling = new LinearRopeScaling(4) };

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
        ("mixtral-f32", Mixtral, DType.F32, 1e-5),
        ("smollm3-f32", SmolLm3, DType.F32, 1e-5),
        ("qwen3-f32", Qwen3, DType.F32, 1e-5),
        ("qwen3-moe-f32", Qwen3Moe, DType.F32, 1e-5),
        ("phi3-f32", Phi3, DType.F32, 1e-5),
        ("phi4-mini-f32", Phi4Mini, DType.F32, 1e-5),
        ("gemma2-f32", Gemma2, DType.F32, 1e-5),
        ("gemma3-f32", Gemma3, DType.F32, 1e-5),
        ("olmo2-f32", Olmo2, DType.F32, 1e-5),
        ("olmo3-f32", Olmo3, DType.F32, 1e-5),
        ("mixtral-bf16", Mixtral, DType.BF16, 1e-2),
        ("mixtral-q8_0", Mixtral, DType.Q8_0, 2e-2),
        ("phi3-q8_0", Phi3, DType.Q8_0, 2e-2),
        ("yarn-f32", Yarn, DType.F32, 1e-5),
        ("linear-f32", Linear, DType.F32, 1e-5),
        ("smollm-f32", SmolLm, DType.F32, 1e-5),
        ("mistral-f32", WideMistral, DType.F32, 1e-5),
        ("wide-q4_1", Wide, DType.Q4_1, 2e-2),
        ("wide-q5_0", Wide, DType.Q5_0, 2e-2),
        ("wide-q5_1", Wide, DType.Q5_1, 2e-2),
        ("wide-q4_k", Wide, DType.Q4_K, 2e-2),
        ("wide-q5_k", Wide, DType.Q5_K, 2e-2),
        ("wide-q6_k", Wide, DType.Q6_K, 2e-2),
    ];

    /// <summary>The plain shape of an architecture.</summary>
    public static ModelConfig Of(string architecture) =>
        ((ModelConfig[])[Llama, Mistral, Mixtral, SmolLm3, Qwen2, Qwen3, Qwen3Moe, Phi3, Gemma2, Gemma3, Olmo2, Olmo3]).Single(c => c.Architecture == architecture);

    /// <summary>A prompt that repeats itself only in part.</summary>
    public static int[] Prompt(int length) => [.. Enumerable.Range(0, length).Select(i => ((i * 37) + (i * i * 5) + 11) % 256)];
}
