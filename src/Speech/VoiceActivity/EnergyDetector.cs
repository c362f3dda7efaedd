using System.Numerics;

namespace Inference.Speech.VoiceActivity;

/// <summary>One stream's state of <see cref="EnergyModel"/>.</summary>
internal sealed class EnergyDetector : IVoiceActivityDetector
{
    private const int Length = IVoiceActivityModel.FrameLength, Rate = IVoiceActivityModel.SampleRate;
    private const int ShortestPeriod = Rate / 400, LongestPeriod = Rate / 70;

    // Speech is at least so loud (full scale is 0 dB), and so much above the noise where the probability is a half.
    private const float Quietest = -55, Middle = 12, Slope = 0.6f;

    // A quieter frame lowers the noise at once, a louder one raises it by 3 dB a second, while nobody speaks by 20.
    private const float Frames = (float)Rate / Length, SlowRise = 3 / Frames, QuickRise = 20 / Frames;

    // Of the energy, within three bins around its highest.
    private const float ToneShare = 0.97f;

    // 0.2 s after a voiced frame, what is loud enough still counts: consonants are not voiced.
    private const int Hangover = (int)(0.2f * Frames);

    private readonly Complex[] _spectrum = new Complex[Length];
    private float _noise = -50;
    private int _sinceVoiced = int.MaxValue;

    /// <inheritdoc/>
    public float Next(ReadOnlySpan<float> frame)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(frame.Length, Length);
        (float level, bool isTone) = Spectrum(frame);
        bool voiced = level > Quietest && !isTone && Periodicity(frame) > 0.45f;
        _sinceVoiced = voiced ? 0 : Math.Min(_sinceVoiced, Hangover) + 1;
        float above = level - _noise;
        float probability = 1 / (1 + MathF.Exp(-Slope * (above - Middle)));
        _noise = Math.Min(level, _noise + (_sinceVoiced > Hangover ? QuickRise : SlowRise));
        _noise = Math.Max(_noise, -90);
        bool counts = level > Quietest && !isTone && _sinceVoiced <= Hangover;
        return counts ? probability : Math.Min(probability, 0.1f);
    }

    /// <summary>The level between 100 and 4,000 Hz in decibels of full scale, and whether one tone makes all of it.</summary>
    private (float Level, bool IsTone) Spectrum(ReadOnlySpan<float> frame)
    {
        const int First = 100 * Length / Rate, Last = 4_000 * Length / Rate;
        for (int i = 0; i < Length; i++)
        {
            double window = 0.5 - (0.5 * Math.Cos(2 * Math.PI * i / Length));
            _spectrum[i] = float.IsFinite(frame[i]) ? frame[i] * window : 0;
        }

        Transform(_spectrum);
        double sum = 0, highest = 0;
        int peak = First;
        for (int b = First; b <= Last; b++)
        {
            double power = Power(b);
            sum += power;
            (highest, peak) = power > highest ? (power, b) : (highest, peak);
        }

        double around = 0;
        for (int b = Math.Max(First, peak - 3); b <= Math.Min(Last, peak + 3); b++)
        {
            around += Power(b);
        }

        // A sine of amplitude 1 is 0 dB: its two peaks hold 3/16 of the squared length under the window.
        double full = 3.0 / 32 * Length * Length;
        return ((float)(10 * Math.Log10((sum / full) + 1e-12)), sum > 0 && around / sum > ToneShare);
    }

    private double Power(int bin) => (_spectrum[bin].Real * _spectrum[bin].Real) + (_spectrum[bin].Imaginary * _spectrum[bin].Imaginary);

    /// <summary>The highest normalised autocorrelation at a period of a voice.</summary>
    private static float Periodicity(ReadOnlySpan<float> frame)
    {
        float best = 0;
        for (int lag = ShortestPeriod; lag <= LongestPeriod; lag++)
        {
            float product = 0, first = 0, second = 0;
            for (int i = 0; i + lag < Length; i += 2)
            {
                float a = frame[i], b = frame[i + lag];
                product += a * b;
                first += a * a;
                second += b * b;
            }

            best = Math.Max(best, product / (MathF.Sqrt(first * second) + 1e-9f));
        }

        return best;
    }

    /// <summary>The discrete Fourier transform in place (Cooley and Tukey, radix 2).</summary>
    private static void Transform(Span<Complex> values)
    {
        int bits = BitOperations.Log2((uint)values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            int mirrored = 0;
            for (int b = 0; b < bits; b++)
            {
                mirrored |= ((i >> b) & 1) << (bits - 1 - b);
            }

            if (i < mirrored)
            {
                (values[i], values[mirrored]) = (values[mirrored], values[i]);
            }
        }

        for (int size = 2; size <= values.Length; size *= 2)
        {
            for (int k = 0; k < size / 2; k++)
            {
                Complex turn = Complex.FromPolarCoordinates(1, -2 * Math.PI * k / size);
                for (int at = k; at < values.Length; at += size)
                {
                    Complex odd = values[at + (size / 2)] * turn;
                    (values[at], values[at + (size / 2)]) = (values[at] + odd, values[at] - odd);
                }
            }
        }
    }
}
