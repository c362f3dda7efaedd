namespace Inference.Models.Rotary;

/// <summary>
/// NTK-aware scaling that grows with the length (bloc97 and emozilla, 2023; `rope_type: dynamic`): within the original context
/// nothing changes; at length n beyond it theta becomes theta * (factor * n / original - (factor - 1))^(dimension / (dimension - 2)).
/// A position's own length (position + 1) counts, as when tokens come one by one: so a position's rotation never depends on how a
/// text was cut into steps.
/// </summary>
/// <param name="Factor">Length of the extended context over that of the original.</param>
/// <param name="OriginalContextLength">Context length before the extension.</param>
public sealed record DynamicRopeScaling(float Factor, int OriginalContextLength) : RopeScaling
{
    /// <inheritdoc/>
    public override double[] Frequencies(double[] plain, double theta, int contextLength) => plain;

    /// <inheritdoc/>
    public override double[]? FrequenciesAt(int position, double[] plain, double theta)
    {
        int length = position + 1, dimension = 2 * plain.Length;
        if (length <= OriginalContextLength)
        {
            return null;
        }

        double growth = ((double)Factor * length / OriginalContextLength) - (Factor - 1);
        return RotaryAngles.PlainFrequencies(dimension, theta * Math.Pow(growth, dimension / (dimension - 2.0)));
    }

    internal override string? Problem(int dimension) => Factor is >= 1 and < float.PositiveInfinity && OriginalContextLength > 0 && dimension > 2
        ? null
        : $"the factor {Factor} must be at least 1, the original context {OriginalContextLength} above 0 and the rotated elements {dimension} above 2";
}
