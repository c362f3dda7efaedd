namespace Inference.Speech.Synthesis.Vits;

/// <summary>
/// Changes the pitch of audio, frame by frame, by playing it faster or slower through a windowed sinc: what is to be higher must have been made
/// longer by as much. The formants move with the pitch. Its output does not depend on how the input is cut.
/// </summary>
internal sealed class VitsPitch
{
    private const int ZeroCrossings = 16, TableSteps = 256;

    // Hann's window, sampled finely enough for linear interpolation to stay 80 dB below.
    private static readonly float[] Kernel = [.. Enumerable.Range(0, (ZeroCrossings * TableSteps) + 2).Select(i => Sinc((double)i / TableSteps))];

    private readonly float[] _factors;
    private readonly int _frameLength;
    private readonly double[] _starts;

    /// <param name="factors">Of each frame, 0.5 to 2.</param>
    /// <param name="frameLength">Samples of a frame.</param>
    public VitsPitch(float[] factors, int frameLength)
    {
        (_factors, _frameLength) = (factors, frameLength);
        _starts = new double[factors.Length + 1];
        for (int i = 0; i < factors.Length; i++) _starts[i + 1] = _starts[i] + (frameLength / (double)factors[i]);
    }

    /// <summary>Samples of the output.</summary>
    public int Length => Start(_factors.Length);

    /// <summary>The first sample of a frame in the output.</summary>
    public int Start(int frame) => (int)Math.Ceiling(_starts[frame]);

    /// <summary>Makes what is certain of the output.</summary>
    /// <param name="input">All frames; those that are known are filled in.</param>
    /// <param name="known">Frames that are known.</param>
    /// <param name="first">The first sample to make.</param>
    /// <param name="output">All of it.</param>
    /// <returns>The sample after the last that was made.</returns>
    public int Render(ReadOnlySpan<float> input, int known, int first, Span<float> output)
    {
        bool isAll = known == _factors.Length;
        int frame = Math.Max(0, Array.BinarySearch(_starts, first) is var found && found < 0 ? ~found - 1 : found);
        int sample = first;
        for (; sample < Length; sample++)
        {
            while (frame + 1 < _factors.Length && _starts[frame + 1] <= sample) frame++;
            double place = ((double)frame * _frameLength) + ((sample - _starts[frame]) * _factors[frame]);
            double scale = Math.Min(1, 1 / (double)_factors[frame]);
            double reach = ZeroCrossings / scale;
            if (!isAll && place + reach >= known * _frameLength) break;
            output[sample] = Sum(input, place, scale, reach);
        }

        return sample;
    }

    private static float Sum(ReadOnlySpan<float> input, double place, double scale, double reach)
    {
        int from = Math.Max(0, (int)Math.Ceiling(place - reach)), to = Math.Min(input.Length - 1, (int)Math.Floor(place + reach));
        float sum = 0;
        for (int i = from; i <= to; i++)
        {
            double at = Math.Abs(i - place) * scale * TableSteps;
            int cell = (int)at;
            sum += input[i] * (Kernel[cell] + ((Kernel[cell + 1] - Kernel[cell]) * (float)(at - cell)));
        }

        return Math.Clamp((float)scale * sum, -1, 1);
    }

    private static float Sinc(double x) =>
        x >= ZeroCrossings ? 0 : x == 0 ? 1 : (float)(Math.Sin(Math.PI * x) / (Math.PI * x) * (0.5 + (0.5 * Math.Cos(Math.PI * x / ZeroCrossings))));
}
