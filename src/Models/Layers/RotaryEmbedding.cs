using Inference.Tensors;

namespace Inference.Models.Layers;

/// <summary>
/// Rotary position embedding (Su et al., RoFormer, 2021): the tables of angles, and the rotation of queries and keys.
/// </summary>
public sealed class RotaryEmbedding : IDisposable
{
    private readonly int _headDimension;
    private readonly RotaryStyle _style;

    /// <summary>Computes the tables of <paramref name="positions"/> positions.</summary>
    /// <exception cref="ArgumentException">The head dimension is odd.</exception>
    public RotaryEmbedding(int positions, int headDimension, float theta, RopeScaling? scaling = null, RotaryStyle style = RotaryStyle.HalfSplit)
        : this(positions, Frequencies(headDimension, theta, scaling), style)
    {
    }

    /// <summary>Computes the tables of <paramref name="positions"/> positions from the radians a position of each pair of a head.</summary>
    public RotaryEmbedding(int positions, double[] frequencies, RotaryStyle style = RotaryStyle.HalfSplit)
    {
        _headDimension = 2 * frequencies.Length;
        _style = style;
        Cos = Tensor.Allocate(positions, frequencies.Length);
        Sin = Tensor.Allocate(positions, frequencies.Length);
        for (int p = 0; p < positions; p++)
        {
            Span<float> cos = Cos.Row(p);
            Span<float> sin = Sin.Row(p);
            for (int i = 0; i < frequencies.Length; i++)
            {
                (double s, double c) = Math.SinCos(p * frequencies[i]);
                cos[i] = (float)c;
                sin[i] = (float)s;
            }
        }
    }

    /// <summary>Cosines of the angles, [positions, headDimension / 2].</summary>
    public Tensor Cos { get; }

    /// <summary>Sines of the angles, [positions, headDimension / 2].</summary>
    public Tensor Sin { get; }

    /// <summary>The tables that a model's configuration asks for.</summary>
    public static RotaryEmbedding For(ModelConfig config, RotaryStyle style = RotaryStyle.HalfSplit) =>
        new(config.ContextLength, config.HeadDimension, config.RopeTheta, config.RopeScaling, style);

    /// <summary>
    /// Radians a position of each pair: theta^(-2i / headDimension), by Llama 3.1's scaling where given: long wavelengths
    /// divided by the factor, short ones kept, those between interpolated (Meta, llama-models, apply_scaling).
    /// </summary>
    /// <exception cref="ArgumentException">The head dimension is odd.</exception>
    public static double[] Frequencies(int headDimension, float theta, RopeScaling? scaling)
    {
        if (headDimension % 2 != 0)
        {
            throw new ArgumentException($"rotary heads have an even dimension, not {headDimension}", nameof(headDimension));
        }

        double[] frequencies = new double[headDimension / 2];
        for (int i = 0; i < frequencies.Length; i++)
        {
            double frequency = Math.Pow(theta, -2.0 * i / headDimension);
            frequencies[i] = scaling is null ? frequency : Scale(frequency, scaling);
        }

        return frequencies;
    }

    /// <summary>Rotates the heads of x [T, heads * headDimension] in place; row t is at positions[t].</summary>
    public void Forward(IBackend backend, Tensor x, ReadOnlySpan<int> positions) =>
        backend.Rotary(x, positions, Cos, Sin, _headDimension, _style);

    /// <summary>Turns the gradient of the rotated heads into the gradient of the heads, in place: a rotation by the negative angle.</summary>
    public void Backward(IBackend backend, Tensor dx, ReadOnlySpan<int> positions) =>
        backend.Rotary(dx, positions, Cos, Sin, _headDimension, _style, inverse: true);

    /// <inheritdoc/>
    public void Dispose()
    {
        Cos.Dispose();
        Sin.Dispose();
    }

    private static double Scale(double frequency, RopeScaling scaling)
    {
        double wavelength = 2 * Math.PI / frequency;
        double turns = scaling.OriginalContextLength / wavelength;
        if (turns < scaling.LowFrequencyFactor)
        {
            return frequency / scaling.Factor;
        }

        if (turns > scaling.HighFrequencyFactor)
        {
            return frequency;
        }

        double smooth = (turns - scaling.LowFrequencyFactor) / (scaling.HighFrequencyFactor - scaling.LowFrequencyFactor);
        return ((1 - smooth) * frequency / scaling.Factor) + (smooth * frequency);
    }
}
