namespace Inference.Generation.Sampling;

/// <summary>Logarithms of the model's own probabilities.</summary>
internal static class Logprobs
{
    /// <summary>The log-probability of a token and of the best ones, from a row of logits.</summary>
    public static TokenChoice Of(ReadOnlySpan<float> logits, int token, int top, Span<float> scratch)
    {
        double total = LogitMath.LogSumExp(logits, scratch);
        Span<int> best = stackalloc int[Math.Min(top, logits.Length)];
        BestFirst.Select(logits, best);
        (int, float)[] tops = new (int, float)[best.Length];
        for (int i = 0; i < best.Length; i++)
            tops[i] = (best[i], (float)(logits[best[i]] - total));
        return new TokenChoice(token, (float)(logits[token] - total), tops);
    }
}
