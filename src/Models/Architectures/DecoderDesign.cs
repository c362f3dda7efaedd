using Inference.Models.Layers;

namespace Inference.Models.Architectures;

/// <summary>What an architecture's files say of its blocks beyond the numbers of a <see cref="ModelConfig"/>. The defaults are Llama's.</summary>
internal sealed record DecoderDesign
{
    /// <summary>The projections of queries, keys and values have biases.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>The attention's output projection has a bias.</summary>
    public bool OutputBias { get; init; }

    /// <summary>One matrix has the projections of queries, keys and values, another those of gate and up (Phi-3).</summary>
    public bool FusedProjections { get; init; }

    /// <summary>Norms of queries and keys.</summary>
    public QueryKeyNorm QueryKeyNorm { get; init; }

    /// <summary>Where the norms are.</summary>
    public NormPlacement Norms { get; init; }

    /// <summary>Checkpoints of Hugging Face store the weights of norms minus 1 (Gemma); GGUF files store them as they are.</summary>
    public bool NormsStoredMinusOne { get; init; }

    /// <summary>Embeddings are multiplied by sqrt(hidden size) (Gemma).</summary>
    public bool ScaledEmbedding { get; init; }

    /// <summary>The activation of the feed-forward layers.</summary>
    public Activation Activation { get; init; }

    /// <summary>Names of the mixture's tensors, where the configuration has experts.</summary>
    public ExpertNames ExpertNames { get; init; } = ExpertNames.Qwen;
}
