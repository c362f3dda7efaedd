using System.Globalization;

namespace Inference.Peers.Bench;

/// <summary>The samples as a Markdown table: medians, the median and the range of the pairs' ratios, shares of the machine's limit.</summary>
internal static class Report
{
    public const string Machine = "machine";

    public static void Write(IReadOnlyList<Sample> samples, string modelsDirectory, TextWriter output)
    {
        string[] peers = [.. samples.Select(s => s.Contender).Where(c => c is not (OwnEngine.ContenderName or Machine)).Distinct()];
        double Peak(string metric) => Median(samples.Where(s => s.Metric == metric).Select(s => s.Value));
        double bandwidth = Peak(Metrics.Bandwidth), flops = Peak(Metrics.Arithmetic), pairs = Peak(Metrics.PairArithmetic), bytes = Peak(Metrics.ByteArithmetic);
        Limits limits = new(modelsDirectory, bandwidth * 1e9, flops * 1e9, pairs * 1e9, bytes * 1e9);
        string commits = string.Join(", ", samples.Where(s => s.Contender == OwnEngine.ContenderName).Select(s => s.Commit).Distinct());
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Commit {commits}; {bandwidth:F1} GB/s read, {flops:F0} GFLOP/s of F32 multiply-adds, {pairs:F0} of BF16 pairs, {bytes:F0} Gop/s of bytes (medians)."));
        output.WriteLine();
        output.WriteLine($"| model | row | ours | share of limit | {string.Join(" | ", peers.Select(p => $"{p} | ratio (range, pairs)"))} |");
        output.WriteLine($"|---|---|---|---|{string.Concat(peers.Select(_ => "---|---|"))}");
        foreach (string model in samples.Select(s => s.Model).Where(m => m.Length > 0).Distinct())
        {
            foreach (Metric metric in Metrics.All)
            {
                Sample[] row = [.. samples.Where(s => s.Model == model && s.Metric == metric.Name)];
                if (row.Length > 0)
                {
                    output.WriteLine(Line(model, metric, row, peers, limits));
                }
            }
        }
    }

    private static string Line(string model, Metric metric, Sample[] row, string[] peers, Limits limits)
    {
        string number = $"N{metric.Digits}";
        Sample[] ours = [.. row.Where(s => s.Contender == OwnEngine.ContenderName)];
        double median = Median(ours.Select(s => s.Value));
        string share = metric.Rows is int rows && limits.TokensPerSecond(model, rows) is double limit ? Text(median / limit, "P0") : "";
        IEnumerable<string> cells = peers.SelectMany(peer =>
        {
            Sample[] theirs = [.. row.Where(s => s.Contender == peer)];
            double[] ratios = [.. theirs.Join(ours, s => s.Pair, s => s.Pair, (their, our) => our.Value / their.Value).Order()];
            return ratios.Length == 0
                ? new[] { theirs.Length == 0 ? "" : Text(Median(theirs.Select(s => s.Value)), number), "" }
                : [Text(Median(theirs.Select(s => s.Value)), number), $"{Text(Median(ratios), "F2")} ({Text(ratios[0], "F2")} to {Text(ratios[^1], "F2")}, {ratios.Length})"];
        });
        return $"| {model} | {metric.Name}, {metric.Unit} | {Text(median, number)} | {share} | {string.Join(" | ", cells)} |";
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length switch
        {
            0 => double.NaN,
            int n when n % 2 == 1 => sorted[n / 2],
            int n => (sorted[(n / 2) - 1] + sorted[n / 2]) / 2,
        };
    }

    private static string Text(double value, string format) => double.IsNaN(value) ? "" : value.ToString(format, CultureInfo.InvariantCulture);
}
