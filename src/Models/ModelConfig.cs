namespace Inference.Models;

/// <summary>The shape and constants of a decoder-only transformer, read from config.json or from GGUF metadata.</summary>
public sealed record ModelConfig
{
    /// <summary>Registry key: `model_type` of config.json, `general.architecture` of GGUF ("llama", "qwen2").</summary>
    public required string Architecture { get; init; }

    /// <summary>Rows of the embedding table.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Positions that the model was made for (max_position_embeddings).</summary>
    public required int ContextLength { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the feed-forward layer.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of blocks.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Number of query heads.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Number of key/value heads; divides <see cref="HeadCount"/>.</summary>
    public required int KvHeadCount { get; init; }

    /// <summary>Elements in a head.</summary>
    public required int HeadDimension { get; init; }

    /// <summary>Epsilon of the RMS norms.</summary>
    public float RmsNormEpsilon { get; init; } = 1e-5f;

    /// <summary>Base of the rotary frequencies.</summary>
    public float RopeTheta { get; init; } = 10_000f;

    /// <summary>Rotary scaling of long-context checkpoints, or null.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>The output projection is the embedding table.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>Query, key and value projections have biases (Qwen2).</summary>
    public bool AttentionBias { get; init; }

    /// <summary>Beginning-of-sequence token, or null.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>Tokens that end a generation.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];
}
