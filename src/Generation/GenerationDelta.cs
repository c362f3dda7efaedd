namespace Inference.Generation;

/// <summary>What is new of one answer.</summary>
public sealed record GenerationDelta
{
    /// <summary>Which of the n answers, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>New text: whole characters, never part of a stop text. May be empty.</summary>
    public string Text { get; init; } = "";

    /// <summary>New tokens.</summary>
    public IReadOnlyList<int> TokenIds { get; init; } = [];

    /// <summary>One a token, where asked for.</summary>
    public IReadOnlyList<TokenLogprob> Logprobs { get; init; } = [];

    /// <summary>Set in the answer's last delta.</summary>
    public FinishReason? FinishReason { get; init; }

    /// <summary>The stop text that ended the answer, or null.</summary>
    public string? StopText { get; init; }
}
