namespace Inference.Speech.Bench;

/// <summary>Times as a line of a report.</summary>
internal static class Share
{
    /// <summary>Median, 95th percentile and the longest.</summary>
    public static string Describe(IEnumerable<TimeSpan> times, string unit = "ms")
    {
        double[] sorted = [.. times.Select(t => t.TotalMilliseconds).Order()];
        return sorted.Length == 0 ? "none" : $"median {At(0.5):0.###}, p95 {At(0.95):0.###}, longest {sorted[^1]:0.###} {unit} of {sorted.Length}";

        double At(double share) => sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
    }
}
