namespace Inference.DemoRecognizer;

/// <summary>Change of the sampling rate by a sinc under a Hann window, as long as 16 samples of the lower rate to each side.</summary>
internal static class Resampling
{
    private const int Lobes = 16;

    /// <summary>Entries of the kernel's table from one zero of the sinc to the next; those between are taken from the nearest.</summary>
    private const int Resolution = 512;

    private static readonly float[] Kernel = [.. Enumerable.Range(0, (Lobes * Resolution) + 2).Select(i => KernelAt(i / (double)Resolution))];

    /// <summary>The samples at another rate.</summary>
    public static float[] Resample(ReadOnlySpan<float> samples, double from, double to)
    {
        double step = from / to, cutoff = Math.Min(1, to / from), reach = Lobes / cutoff;
        float[] result = new float[(int)(samples.Length / step)];
        for (int i = 0; i < result.Length; i++)
        {
            double center = i * step;
            int first = Math.Max(0, (int)Math.Ceiling(center - reach)), last = Math.Min(samples.Length - 1, (int)(center + reach));
            double at = (first - center) * cutoff * Resolution, next = cutoff * Resolution;
            float sum = 0;
            for (int k = first; k <= last; k++)
            {
                sum += samples[k] * Kernel[(int)(Math.Abs(at) + 0.5)];
                at += next;
            }

            result[i] = (float)(sum * cutoff);
        }

        return result;
    }

    private static double Sinc(double x) => x < 1e-9 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);

    private static float KernelAt(double x) => x >= Lobes ? 0 : (float)(Sinc(x) * (0.5 + (0.5 * Math.Cos(Math.PI * x / Lobes))));
}
