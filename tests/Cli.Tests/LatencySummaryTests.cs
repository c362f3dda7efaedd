using Inference.Cli.Bench;

namespace Inference.Cli.Tests;

public class LatencySummaryTests
{
    [Fact]
    public void Percentiles_of_one_to_a_hundred_are_their_nearest_ranks()
    {
        LatencySummary summary = LatencySummary.Of(Enumerable.Range(1, 100).Reverse().Select(i => TimeSpan.FromMilliseconds(i)))!;

        Assert.Equal(
            new LatencySummary(Ms(50.5), Ms(50), Ms(90), Ms(95), Ms(99), Ms(100)),
            summary);
    }

    [Fact]
    public void A_percentile_between_two_ranks_is_the_upper_one()
    {
        LatencySummary summary = LatencySummary.Of([Ms(3), Ms(1), Ms(2)])!;

        Assert.Equal(new LatencySummary(Ms(2), Ms(2), Ms(3), Ms(3), Ms(3), Ms(3)), summary);
    }

    [Fact]
    public void Nothing_measured_is_no_summary() => Assert.Null(LatencySummary.Of([]));

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
