using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Inference.Speech.Audio;

/// <summary>
/// Changes the sample rate of one channel by a polyphase filter: a sinc under a Kaiser window, with a stop band of at least 90 dB.
/// Samples keep their times: the first output lies on the first input, and there are ceil(n * target / source) of them. Streams:
/// memory is the filter and as many inputs as it is long. Not thread-safe.
/// </summary>
public sealed class Resampler
{
    /// <summary>Zero crossings of the sinc on each side: more make the transition from pass to stop band steeper.</summary>
    private const int ZeroCrossings = 32;

    /// <summary>Of the Kaiser window: 90 dB.</summary>
    private const double Beta = 8.96;

    /// <summary>Half the transition as a share of the narrower band: (A - 8) / (2.285 * taps) radians by Kaiser's formula, with some room.</summary>
    private const double Transition = 0.09;

    /// <summary>Fractions of an input for which the filter is kept; others lie between two of them.</summary>
    private const int MostPhases = 1_024;

    private readonly int _up;
    private readonly int _down;
    private readonly int _half;
    private readonly int _phases;
    private readonly int _taps;
    private readonly float[] _filter;
    private float[] _history;
    private int _length;
    private long _first;
    private long _next;
    private long _received;

    /// <param name="sourceRate">Hertz of what comes.</param>
    /// <param name="targetRate">Hertz of what is wanted.</param>
    public Resampler(int sourceRate, int targetRate)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sourceRate);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(targetRate);
        int divisor = (int)BigInteger.GreatestCommonDivisor(sourceRate, targetRate);
        (_up, _down) = (targetRate / divisor, sourceRate / divisor);
        double cutoff = Math.Min(1.0, (double)_up / _down);
        _half = (int)Math.Ceiling(ZeroCrossings / cutoff);
        _phases = Math.Min(_up, MostPhases);
        _taps = 2 * _half;
        _filter = _up == _down ? [] : Filter(cutoff * (1 - Transition), _half, _phases, _taps);
        _history = new float[2 * _taps];
        _length = _half;
        _first = -_half;
    }

    /// <summary>Takes the next inputs, and appends the outputs that are certain.</summary>
    public void Push(ReadOnlySpan<float> input, IBufferWriter<float> output)
    {
        _received += input.Length;
        if (_up == _down)
        {
            output.Write(input);
            return;
        }

        Append(input);
        Produce(long.MaxValue, output);
    }

    /// <summary>Ends the input, and appends the last outputs.</summary>
    public void Complete(IBufferWriter<float> output)
    {
        if (_up != _down)
        {
            Append(new float[_half + 1]);
            Produce(((_received * _up) + _down - 1) / _down, output);
        }
    }

    private static float[] Filter(double cutoff, int half, int phases, int taps)
    {
        float[] filter = new float[(phases + 1) * taps];
        double window = Bessel(Beta);
        for (int phase = 0; phase <= phases; phase++)
        {
            double sum = 0;
            double[] row = new double[taps];
            for (int tap = 0; tap < taps; tap++)
            {
                double t = tap - half + 1 - ((double)phase / phases);
                double at = t / half;
                double sinc = t == 0 ? cutoff : Math.Sin(Math.PI * cutoff * t) / (Math.PI * t);
                row[tap] = Math.Abs(at) >= 1 ? 0 : sinc * Bessel(Beta * Math.Sqrt(1 - (at * at))) / window;
                sum += row[tap];
            }

            for (int tap = 0; tap < taps; tap++)
            {
                filter[(phase * taps) + tap] = (float)(row[tap] / sum);
            }
        }

        return filter;
    }

    /// <summary>The modified Bessel function of the first kind, of order 0.</summary>
    private static double Bessel(double x)
    {
        double sum = 1;
        double term = 1;
        for (int k = 1; term > 1e-12 * sum; k++)
        {
            term *= x * x / (4.0 * k * k);
            sum += term;
        }

        return sum;
    }

    private void Append(ReadOnlySpan<float> input)
    {
        long needed = (_next * _down / _up) - _half + 1;
        int drop = (int)Math.Clamp(needed - _first, 0, _length);
        if (_length - drop + input.Length > _history.Length)
        {
            Array.Resize(ref _history, Math.Max(2 * _history.Length, _length + input.Length));
        }

        _history.AsSpan(drop, _length - drop).CopyTo(_history);
        _first += drop;
        _length -= drop;
        input.CopyTo(_history.AsSpan(_length));
        _length += input.Length;
    }

    private void Produce(long limit, IBufferWriter<float> output)
    {
        // Output i lies at input i * down / up; the filter reaches from half - 1 inputs before that to half after it.
        long end = Math.Min(limit, (((_first + _length - _half) * _up) + _down - 1) / _down);
        int count = (int)Math.Max(0, end - _next);
        Span<float> samples = output.GetSpan(Math.Max(1, count));
        for (int i = 0; i < count; i++, _next++)
        {
            long position = _next * _down;
            int from = (int)((position / _up) - _half + 1 - _first);
            samples[i] = At(_history.AsSpan(from, _taps), position % _up);
        }

        output.Advance(count);
    }

    private float At(ReadOnlySpan<float> inputs, long remainder)
    {
        if (_phases == _up)
        {
            return Dot(inputs, _filter.AsSpan((int)remainder * _taps, _taps));
        }

        double phase = (double)remainder * _phases / _up;
        int below = (int)phase;
        float low = Dot(inputs, _filter.AsSpan(below * _taps, _taps));
        float high = Dot(inputs, _filter.AsSpan((below + 1) * _taps, _taps));
        return low + ((float)(phase - below) * (high - low));
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ReadOnlySpan<Vector<float>> x = MemoryMarshal.Cast<float, Vector<float>>(a);
        ReadOnlySpan<Vector<float>> y = MemoryMarshal.Cast<float, Vector<float>>(b);
        Vector<float> sum = Vector<float>.Zero;
        for (int i = 0; i < x.Length; i++)
        {
            sum += x[i] * y[i];
        }

        float total = Vector.Sum(sum);
        for (int i = x.Length * Vector<float>.Count; i < a.Length; i++)
        {
            total += a[i] * b[i];
        }

        return total;
    }
}
