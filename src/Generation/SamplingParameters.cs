namespace Inference.Generation;

/// <summary>
/// How tokens are chosen, within the ranges of protos/inference/v1/generation.proto.
/// Order: logit bias, penalties, temperature, top-k, typical, top-p, min-p.
/// </summary>
public sealed record SamplingParameters
{
    /// <summary>0 is greedy; 0 to 2.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Best tokens to choose from; 0 means all.</summary>
    public int TopK { get; init; }

    /// <summary>Smallest set of tokens of at least this probability; (0, 1].</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Least probability relative to the best token's; [0, 1].</summary>
    public float MinP { get; init; }

    /// <summary>Locally typical sampling (Meister et al. 2022); (0, 1].</summary>
    public float TypicalP { get; init; } = 1;

    /// <summary>Divides positive and multiplies negative logits of seen tokens; (0, 10].</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Taken off once for each token that the answer contains; [-2, 2].</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Taken off for each occurrence in the answer; [-2, 2].</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Added to the logits of tokens; -100 to 100.</summary>
    public IReadOnlyDictionary<int, float> LogitBias { get; init; } = new Dictionary<int, float>();

    /// <summary>Seed of the choices; null takes one from the engine's own sequence.</summary>
    public long? Seed { get; init; }

    /// <summary>Texts that end the answer and are left out of it.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Tokens that end the answer, besides the model's own.</summary>
    public IReadOnlyList<int> StopTokenIds { get; init; } = [];

    /// <summary>Limit of generated tokens; null means what the context leaves.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Tokens before which no end-of-sequence or stop token is sampled.</summary>
    public int MinTokens { get; init; }

    /// <summary>Number of answers; 1 to 16.</summary>
    public int N { get; init; } = 1;

    /// <summary>Best tokens whose log-probabilities are returned beside the chosen one's (0 to 20); null means none at all.</summary>
    public int? Logprobs { get; init; }

    /// <summary>Go on past the model's end-of-sequence token.</summary>
    public bool IgnoreEos { get; init; }

    /// <summary>Keep special tokens in the text.</summary>
    public bool IncludeSpecialTokens { get; init; }
}
