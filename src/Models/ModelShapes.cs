using Inference.Models.Rotary;
using Inference.Models.Weights;

namespace Inference.Models;

/// <summary>Shapes of well-known checkpoints, for models with random weights. None names a beginning or an end: those are the tokenizer's.</summary>
public static class ModelShapes
{
    private static readonly Dictionary<string, ModelConfig> Shapes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["tiny"] = new ModelConfig
        {
            Architecture = "llama",
            VocabularySize = 512,
            ContextLength = 512,
            HiddenSize = 64,
            IntermediateSize = 192,
            LayerCount = 2,
            HeadCount = 4,
            KvHeadCount = 2,
            HeadDimension = 16,
            TieWordEmbeddings = true,
        },
        ["15m"] = new ModelConfig
        {
            Architecture = "llama",
            VocabularySize = 32_000,
            ContextLength = 2048,
            HiddenSize = 288,
            IntermediateSize = 768,
            LayerCount = 6,
            HeadCount = 6,
            KvHeadCount = 6,
            HeadDimension = 48,
            TieWordEmbeddings = true,
        },
        ["qwen2.5-0.5b"] = new ModelConfig
        {
            Architecture = "qwen2",
            VocabularySize = 151_936,
            ContextLength = 32_768,
            HiddenSize = 896,
            IntermediateSize = 4864,
            LayerCount = 24,
            HeadCount = 14,
            KvHeadCount = 2,
            HeadDimension = 64,
            RmsNormEpsilon = 1e-6f,
            RopeTheta = 1_000_000f,
            TieWordEmbeddings = true,
            AttentionBias = true,
        },
        ["llama-3.2-1b"] = new ModelConfig
        {
            Architecture = "llama",
            VocabularySize = 128_256,
            ContextLength = 131_072,
            HiddenSize = 2048,
            IntermediateSize = 8192,
            LayerCount = 16,
            HeadCount = 32,
            KvHeadCount = 8,
            HeadDimension = 64,
            RopeTheta = 500_000f,
            RopeScaling = new Llama3RopeScaling(32, 1, 4, 8192),
            TieWordEmbeddings = true,
        },
        ["smollm2-135m"] = new ModelConfig
        {
            Architecture = "llama",
            VocabularySize = 49_152,
            ContextLength = 8192,
            HiddenSize = 576,
            IntermediateSize = 1536,
            LayerCount = 30,
            HeadCount = 9,
            KvHeadCount = 3,
            HeadDimension = 64,
            RopeTheta = 100_000f,
            TieWordEmbeddings = true,
        },
        ["mistral-7b"] = new ModelConfig
        {
            Architecture = "mistral",
            VocabularySize = 32_000,
            ContextLength = 32_768,
            HiddenSize = 4096,
            IntermediateSize = 14_336,
            LayerCount = 32,
            HeadCount = 32,
            KvHeadCount = 8,
            HeadDimension = 128,
            SlidingWindow = 4096,
        },
        ["qwen3-0.6b"] = new ModelConfig
        {
            Architecture = "qwen3",
            VocabularySize = 151_936,
            ContextLength = 40_960,
            HiddenSize = 1024,
            IntermediateSize = 3072,
            LayerCount = 28,
            HeadCount = 16,
            KvHeadCount = 8,
            HeadDimension = 128,
            RmsNormEpsilon = 1e-6f,
            RopeTheta = 1_000_000f,
            TieWordEmbeddings = true,
        },
        ["qwen3-30b-a3b"] = new ModelConfig
        {
            Architecture = "qwen3_moe",
            VocabularySize = 151_936,
            ContextLength = 40_960,
            HiddenSize = 2048,
            IntermediateSize = 6144,
            LayerCount = 48,
            HeadCount = 32,
            KvHeadCount = 4,
            HeadDimension = 128,
            RmsNormEpsilon = 1e-6f,
            RopeTheta = 1_000_000f,
            Experts = new ExpertConfig(128, 8, 768, NormalizeWeights: true),
        },
        ["gemma-3-1b"] = new ModelConfig
        {
            Architecture = "gemma3_text",
            VocabularySize = 262_144,
            ContextLength = 32_768,
            HiddenSize = 1152,
            IntermediateSize = 6912,
            LayerCount = 26,
            HeadCount = 4,
            KvHeadCount = 1,
            HeadDimension = 256,
            RmsNormEpsilon = 1e-6f,
            RopeTheta = 1_000_000f,
            LocalRopeTheta = 10_000f,
            SlidingWindow = 512,
            FullAttentionInterval = 6,
            TieWordEmbeddings = true,
        },
    };

    /// <summary>The names that <see cref="Find"/> knows.</summary>
    public static IReadOnlyCollection<string> Names => Shapes.Keys;

    /// <summary>The shape of that name; or the one of a Hugging Face directory, or of a `config.json`, at that path.</summary>
    /// <exception cref="ArgumentException">It is neither a known name nor a path with a config.json.</exception>
    /// <exception cref="ModelFormatException">The config.json is damaged or not supported.</exception>
    public static ModelConfig Find(string nameOrPath)
    {
        if (Shapes.TryGetValue(nameOrPath, out ModelConfig? shape))
        {
            return shape;
        }

        string directory = Path.GetFileName(nameOrPath) == HuggingFaceConfig.FileName ? Path.GetDirectoryName(Path.GetFullPath(nameOrPath))! : nameOrPath;
        return File.Exists(Path.Combine(directory, HuggingFaceConfig.FileName))
            ? HuggingFaceConfig.Read(directory)
            : throw new ArgumentException($"'{nameOrPath}' is neither a known shape ({string.Join(", ", Names)}) nor a path with a {HuggingFaceConfig.FileName}");
    }
}
