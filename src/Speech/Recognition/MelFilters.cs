using Inference.Tensors;

namespace Inference.Speech.Recognition;

/// <summary>
/// Triangular filters on Slaney's mel scale (Auditory Toolbox, 1998), each of area 1: linear below 1 kHz, logarithmic above.
/// </summary>
internal static class MelFilters
{
    private const double LinearHertz = 200.0 / 3, LogStart = 1000, LogStartMel = LogStart / LinearHertz;
    private static readonly double LogStep = Math.Log(6.4) / 27;

    /// <summary>[mels, bins]: the filters from 0 Hz to half of the sampling rate; bin b is at b * rate / length Hz.</summary>
    public static Tensor Create(int mels, int bins, double rate, int length)
    {
        double highest = ToMel(rate / 2);
        double[] edges = [.. Enumerable.Range(0, mels + 2).Select(i => ToHertz(highest * i / (mels + 1)))];
        Tensor filters = Tensor.Allocate(mels, bins);
        for (int m = 0; m < mels; m++)
        {
            Span<float> row = filters.Row(m);
            for (int b = 0; b < bins; b++)
            {
                double hertz = b * rate / length;
                double rising = (hertz - edges[m]) / (edges[m + 1] - edges[m]), falling = (edges[m + 2] - hertz) / (edges[m + 2] - edges[m + 1]);
                row[b] = (float)(Math.Max(0, Math.Min(rising, falling)) * 2 / (edges[m + 2] - edges[m]));
            }
        }

        return filters;
    }

    private static double ToMel(double hertz) =>
        hertz < LogStart ? hertz / LinearHertz : LogStartMel + (Math.Log(hertz / LogStart) / LogStep);

    private static double ToHertz(double mel) =>
        mel < LogStartMel ? mel * LinearHertz : LogStart * Math.Exp(LogStep * (mel - LogStartMel));
}
