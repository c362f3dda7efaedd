namespace Inference.Generation;

/// <summary>
/// A sequence's share of a step: tokens [First, First + Count), of a prompt or the last one of an answer, and after them a
/// guess how the answer goes on.
/// </summary>
internal readonly record struct ScheduledSequence(Sequence Sequence, int First, int Count, bool IsPrefill, ReadOnlyMemory<int> Draft)
{
    /// <summary>Rows of the step.</summary>
    public int Rows => Count + Draft.Length;

    /// <summary>The step computes the last known token, so that the next can be sampled.</summary>
    public bool Samples => First + Count == Sequence.TokenCount;

    /// <summary>The first position whose logits are wanted; First + Count where none are.</summary>
    public int FirstLogit => Math.Clamp(Sequence.WantsLogitsFrom, First, First + Count);

    /// <summary>Rows of logits; where the step samples, the last ones are of the last known token and of the guess.</summary>
    public int LogitCount => First + Rows - FirstLogit;
}
