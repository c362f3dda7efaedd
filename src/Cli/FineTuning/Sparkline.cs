namespace Inference.Cli.FineTuning;

/// <summary>A curve of one line of text.</summary>
internal static class Sparkline
{
    private const string Bars = "▁▂▃▄▅▆▇█";

    /// <summary>The values from left to right; where there are more than fit, each bar is the mean of its share.</summary>
    public static string Of(IReadOnlyList<double> values, int width)
    {
        if (values.Count == 0 || width < 1)
        {
            return "";
        }

        int count = Math.Min(width, values.Count);
        double[] means = [.. Enumerable.Range(0, count).Select(i => Mean(values, i * values.Count / count, (i + 1) * values.Count / count))];
        (double least, double most) = (means.Min(), means.Max());
        return string.Concat(means.Select(m => Bars[most > least ? (int)Math.Round((m - least) / (most - least) * (Bars.Length - 1)) : 0]));
    }

    private static double Mean(IReadOnlyList<double> values, int from, int to)
    {
        double sum = 0;
        for (int i = from; i < to; i++)
        {
            sum += values[i];
        }

        return sum / (to - from);
    }
}
