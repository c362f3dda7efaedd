namespace Inference.Models.Rotary;

/// <summary>
/// LongRoPE (Ding et al., 2024; `rope_type: longrope`, formerly `su`): each frequency has a divisor found by search, one set for
/// the original context and one beyond it. The context length that the model is served with chooses the set, for all positions, so
/// that a sequence that outgrows the original context needs no new keys.
/// </summary>
/// <param name="ShortFactors">Divisors within the original context, one a pair.</param>
/// <param name="LongFactors">Divisors beyond it.</param>
/// <param name="OriginalContextLength">Context length before the extension.</param>
/// <param name="AttentionFactor">Factor of cosines and sines.</param>
public sealed record LongRopeScaling(
    IReadOnlyList<float> ShortFactors, IReadOnlyList<float> LongFactors, int OriginalContextLength, float AttentionFactor) : RopeScaling
{
    /// <summary>The paper's magnitude of an extension: sqrt(1 + ln(extended / original) / ln(original)).</summary>
    public static float DefaultMagnitude(int extendedContextLength, int originalContextLength) => extendedContextLength <= originalContextLength
        ? 1
        : (float)Math.Sqrt(1 + (Math.Log((double)extendedContextLength / originalContextLength) / Math.Log(originalContextLength)));

    /// <inheritdoc/>
    public override double Magnitude(int contextLength) => AttentionFactor;

    /// <inheritdoc/>
    public override double[] Frequencies(double[] plain, double theta, int contextLength)
    {
        IReadOnlyList<float> factors = contextLength > OriginalContextLength ? LongFactors : ShortFactors;
        return [.. plain.Select((frequency, i) => frequency / factors[i])];
    }

    internal override string? Problem(int dimension)
    {
        if (ShortFactors.Count != dimension / 2 || LongFactors.Count != dimension / 2)
        {
            return $"there are {ShortFactors.Count} short and {LongFactors.Count} long rotary factors, not {dimension / 2}, one a rotated pair";
        }

        return ShortFactors.Concat(LongFactors).All(f => f is > 0 and < float.PositiveInfinity) && AttentionFactor is > 0 and < float.PositiveInfinity && OriginalContextLength > 1
            ? null
            : "the rotary factors, their magnitude and the original context must be above 0";
    }
}
