using Inference.Models.Rotary;

namespace Inference.Models;

/// <summary>The shape and constants of a decoder-only transformer, read from config.json or from GGUF metadata.</summary>
public sealed record ModelConfig
{
    /// <summary>The architecture's name in the registry, which is `model_type` of config.json: "llama", "qwen3_moe".</summary>
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

    /// <summary>Elements of a head that are rotated, the first ones; null: all.</summary>
    public int? RotaryDimension { get; init; }

    /// <summary>Base of the rotary frequencies of the layers with a sliding window, which then have no scaling; null: as all others.</summary>
    public float? LocalRopeTheta { get; init; }

    /// <summary>Every so many layers one has no rotary embedding (layers 3, 7, 11 ... of 4); null: all have it.</summary>
    public int? NoRotaryInterval { get; init; }

    /// <summary>Tokens that a layer with a sliding window sees, its own included; null: no layer has one.</summary>
    public int? SlidingWindow { get; init; }

    /// <summary>Every so many layers one sees everything (layers 5, 11, 17 ... of 6); null: all have the sliding window.</summary>
    public int? FullAttentionInterval { get; init; }

    /// <summary>Factor of the attention's scores; null: 1 / sqrt(HeadDimension).</summary>
    public float? AttentionScale { get; init; }

    /// <summary>Attention scores s become cap * tanh(s / cap); null: they stay.</summary>
    public float? AttentionSoftCap { get; init; }

    /// <summary>Logits become cap * tanh(logit / cap); null: they stay.</summary>
    public float? LogitSoftCap { get; init; }

    /// <summary>The experts of a mixture; null: the feed-forward layers are dense.</summary>
    public ExpertConfig? Experts { get; init; }

    /// <summary>The output projection is the embedding table.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>The attention's projections have biases (`attention_bias`).</summary>
    public bool AttentionBias { get; init; }

    /// <summary>Beginning-of-sequence token, or null.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>Tokens that end a generation.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>A layer has the sliding window.</summary>
    public bool Slides(int layer) => SlidingWindow is not null && (FullAttentionInterval is not int interval || (layer + 1) % interval != 0);

    /// <summary>A layer has a rotary embedding.</summary>
    public bool Rotates(int layer) => NoRotaryInterval is not int interval || (layer + 1) % interval != 0;
}
