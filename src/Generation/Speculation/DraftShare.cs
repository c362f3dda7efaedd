namespace Inference.Generation.Speculation;

/// <summary>What one step of the <see cref="DraftModel"/> computes of a sequence: tokens from a position on.</summary>
internal readonly record struct DraftShare(DraftLane Lane, int First, int[] Tokens, bool WantsLogits);
