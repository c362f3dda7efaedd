namespace Inference.Cli.Bench;

/// <summary>Mean and percentiles (nearest rank) of a set of durations.</summary>
internal sealed record LatencySummary(TimeSpan Mean, TimeSpan P50, TimeSpan P90, TimeSpan P95, TimeSpan P99, TimeSpan Max)
{
    /// <summary>The summary, or null of an empty set.</summary>
    public static LatencySummary? Of(IEnumerable<TimeSpan> durations)
    {
        TimeSpan[] sorted = [.. durations.Order()];
        return sorted.Length == 0
            ? null
            : new LatencySummary(
                TimeSpan.FromTicks((long)sorted.Average(d => d.Ticks)),
                Rank(sorted, 0.50), Rank(sorted, 0.90), Rank(sorted, 0.95), Rank(sorted, 0.99), sorted[^1]);
    }

    private static TimeSpan Rank(TimeSpan[] sorted, double share) => sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
}
