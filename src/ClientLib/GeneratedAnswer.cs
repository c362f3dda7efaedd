using Inference.Contracts.V1;

namespace Inference.ClientLib;

/// <summary>One finished answer.</summary>
/// <param name="Text">Without the stop text that ended it.</param>
/// <param name="TokenIds">Its tokens.</param>
/// <param name="Logprobs">Of each token, where the request asked for them.</param>
/// <param name="FinishReason">Why it ended.</param>
/// <param name="StopText">The stop text that ended it, else empty.</param>
public sealed record GeneratedAnswer(
    string Text, IReadOnlyList<uint> TokenIds, IReadOnlyList<TokenLogprob> Logprobs, FinishReason FinishReason, string StopText);
