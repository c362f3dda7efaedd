namespace Inference.Models.Architectures;

/// <summary>
/// A monotonic rational-quadratic spline from [-bound, bound] onto itself, the identity outside (Durkan et al., Neural Spline Flows,
/// 2019): the inverse of one number. Computed in double precision: there are few, and the bins are narrow.
/// </summary>
internal sealed class RationalQuadraticSpline(int bins, double bound)
{
    private const double MinSize = 1e-3, MinDerivative = 1e-3;

    /// <summary>The derivative parameter at both ends that makes the derivative 1.</summary>
    private static readonly double End = Math.Log(Math.Exp(1 - MinDerivative) - 1);

    private readonly double[] _widths = new double[bins + 1], _heights = new double[bins + 1];

    /// <summary>The number whose image is y.</summary>
    /// <param name="parameters">Logits of the widths [bins], of the heights [bins], derivatives before softplus [bins - 1].</param>
    /// <param name="scale">Factor of the logits.</param>
    /// <param name="y">Any number.</param>
    public double Inverse(ReadOnlySpan<float> parameters, double scale, double y)
    {
        if (!(y >= -bound && y <= bound))
        {
            return y;
        }

        Knots(parameters[..bins], scale, _widths);
        Knots(parameters.Slice(bins, bins), scale, _heights);
        int bin = 0;
        while (bin + 1 < bins && y >= _heights[bin + 1])
        {
            bin++;
        }

        ReadOnlySpan<float> derivatives = parameters[(2 * bins)..];
        double width = _widths[bin + 1] - _widths[bin], height = _heights[bin + 1] - _heights[bin], slope = height / width;
        double before = Derivative(bin == 0 ? End : derivatives[bin - 1]), after = Derivative(bin + 1 == bins ? End : derivatives[bin]);
        double above = y - _heights[bin], bend = above * (before + after - (2 * slope));
        double a = (height * (slope - before)) + bend, b = (height * before) - bend, c = -slope * above;
        double root = 2 * c / (-b - Math.Sqrt(Math.Max(0, (b * b) - (4 * a * c))));
        return (root * width) + _widths[bin];
    }

    private static double Derivative(double value) => MinDerivative + (value > 20 ? value : Math.Log(1 + Math.Exp(value)));

    /// <summary>The ends of the bins: a softmax, each bin at least <see cref="MinSize"/> of the whole.</summary>
    private void Knots(ReadOnlySpan<float> logits, double scale, double[] knots)
    {
        double largest = double.NegativeInfinity, sum = 0;
        foreach (float logit in logits)
        {
            largest = Math.Max(largest, logit * scale);
        }

        foreach (float logit in logits)
        {
            sum += Math.Exp((logit * scale) - largest);
        }

        double reached = 0;
        knots[0] = -bound;
        for (int i = 0; i < bins; i++)
        {
            reached += MinSize + ((1 - (MinSize * bins)) * Math.Exp((logits[i] * scale) - largest) / sum);
            knots[i + 1] = (2 * bound * reached) - bound;
        }

        knots[bins] = bound;
    }
}
