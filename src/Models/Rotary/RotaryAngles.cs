namespace Inference.Models.Rotary;

/// <summary>The angles of a rotary embedding (Su et al., RoFormer, 2021): which element pairs turn how far at which position.</summary>
public sealed class RotaryAngles
{
    private readonly double[] _plain;
    private readonly double[] _frequencies;
    private readonly double _theta;
    private readonly RopeScaling? _scaling;
    private readonly double _magnitude;

    /// <summary>The angles of heads of which <paramref name="dimension"/> elements are rotated.</summary>
    /// <param name="dimension">Elements of a head that are rotated: all, or the first in partial rotation.</param>
    /// <param name="theta">Base of the frequencies.</param>
    /// <param name="scaling">The stretching of long-context checkpoints, or null.</param>
    /// <param name="contextLength">Positions that the model is served with.</param>
    /// <exception cref="ArgumentException">The dimension is odd, or the scaling does not fit it.</exception>
    public RotaryAngles(int dimension, double theta, RopeScaling? scaling = null, int contextLength = int.MaxValue)
    {
        if (scaling?.Problem(dimension) is string problem)
        {
            throw new ArgumentException(problem, nameof(scaling));
        }

        _plain = PlainFrequencies(dimension, theta);
        _frequencies = scaling?.Frequencies(_plain, theta, contextLength) ?? _plain;
        _magnitude = scaling?.Magnitude(contextLength) ?? 1;
        _theta = theta;
        _scaling = scaling;
    }

    /// <summary>Pairs that are rotated.</summary>
    public int Pairs => _plain.Length;

    /// <summary>Elements of a head that are rotated.</summary>
    public int Dimension => 2 * Pairs;

    /// <summary>Radians a position of each pair, but for positions whose own length stretches them.</summary>
    public IReadOnlyList<double> Frequencies => _frequencies;

    /// <summary>The angles that a model's configuration asks for.</summary>
    public static RotaryAngles Of(ModelConfig config) =>
        new(config.RotaryDimension ?? config.HeadDimension, config.RopeTheta, config.RopeScaling, config.ContextLength);

    /// <summary>The angles of the layers with a sliding window, which Gemma 3 gives a base of their own and no scaling.</summary>
    public static RotaryAngles OfSlidingLayers(ModelConfig config) => config.LocalRopeTheta is float theta
        ? new RotaryAngles(config.RotaryDimension ?? config.HeadDimension, theta)
        : Of(config);

    /// <summary>theta^(-2i / dimension) by pair i.</summary>
    /// <exception cref="ArgumentException">The dimension is odd.</exception>
    public static double[] PlainFrequencies(int dimension, double theta) => dimension % 2 == 0
        ? [.. Enumerable.Range(0, dimension / 2).Select(i => Math.Pow(theta, -2.0 * i / dimension))]
        : throw new ArgumentException($"rotary heads have an even dimension, not {dimension}", nameof(dimension));

    /// <summary>Cosines and sines of a position, each of <see cref="Pairs"/> elements.</summary>
    public void Fill(int position, Span<float> cos, Span<float> sin)
    {
        double[] frequencies = _scaling?.FrequenciesAt(position, _plain, _theta) ?? _frequencies;
        for (int i = 0; i < frequencies.Length; i++)
        {
            (double s, double c) = Math.SinCos(position * frequencies[i]);
            cos[i] = (float)(c * _magnitude);
            sin[i] = (float)(s * _magnitude);
        }
    }
}
