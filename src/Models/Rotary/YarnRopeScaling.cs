namespace Inference.Models.Rotary;

/// <summary>
/// YaRN (Peng et al., 2023; `rope_type: yarn`): pairs that turn more than <paramref name="BetaFast"/> times in the original context
/// keep their frequency, pairs that turn less than <paramref name="BetaSlow"/> times have it divided, those between are mixed by
/// a linear ramp over the pairs' numbers; cosines and sines are scaled by <paramref name="AttentionFactor"/>.
/// </summary>
/// <param name="Factor">Length of the extended context over that of the original.</param>
/// <param name="OriginalContextLength">Context length before the extension.</param>
/// <param name="AttentionFactor">Magnitude; null: 0.1 ln(Factor) + 1.</param>
/// <param name="BetaFast">Turns above which a frequency stays.</param>
/// <param name="BetaSlow">Turns below which a frequency is divided.</param>
public sealed record YarnRopeScaling(
    float Factor, int OriginalContextLength, float? AttentionFactor = null, float BetaFast = 32, float BetaSlow = 1) : RopeScaling
{
    /// <summary>The paper's magnitude of a factor: 0.1 weight ln(factor) + 1.</summary>
    public static double DefaultMagnitude(double factor, double weight = 1) => factor <= 1 ? 1 : (0.1 * weight * Math.Log(factor)) + 1;

    /// <inheritdoc/>
    public override double Magnitude(int contextLength) => AttentionFactor ?? DefaultMagnitude(Factor);

    /// <inheritdoc/>
    public override double[] Frequencies(double[] plain, double theta, int contextLength)
    {
        int dimension = 2 * plain.Length;
        double low = Math.Max(0, Math.Floor(PairOfTurns(BetaFast, dimension, theta)));
        double high = Math.Min(dimension - 1, Math.Ceiling(PairOfTurns(BetaSlow, dimension, theta)));
        double[] frequencies = new double[plain.Length];
        for (int i = 0; i < plain.Length; i++)
        {
            double divided = Math.Clamp((i - low) / Math.Max(0.001, high - low), 0, 1);
            frequencies[i] = (plain[i] / Factor * divided) + (plain[i] * (1 - divided));
        }

        return frequencies;
    }

    internal override string? Problem(int dimension) =>
        Factor is > 0 and < float.PositiveInfinity && OriginalContextLength > 0 && BetaSlow > 0 && BetaFast > BetaSlow && AttentionFactor is null or (> 0 and < float.PositiveInfinity)
            ? null
            : $"the rotary scaling is out of range: {this}";

    /// <summary>The pair, as a real number, that turns so often in the original context.</summary>
    private double PairOfTurns(double turns, int dimension, double theta) =>
        dimension * Math.Log(OriginalContextLength / (turns * 2 * Math.PI)) / (2 * Math.Log(theta));
}
