using System.Xml.Linq;
using Google.Protobuf.WellKnownTypes;
using Inference.Cli.FineTuning;
using Inference.Contracts.FineTuning.V1;

namespace Inference.Cli.Tests.FineTuning;

public class LossDisplayTests
{
    [Theory]
    [InlineData(new double[0], 8, "")]
    [InlineData(new[] { 5.0 }, 8, "▁")]
    [InlineData(new[] { 8.0, 1.0, 4.5 }, 8, "█▁▅")]
    [InlineData(new[] { 4.0, 2.0, 1.0, 1.0 }, 2, "█▁")]
    public void A_sparkline_spans_the_values_and_averages_what_does_not_fit(double[] values, int width, string line) =>
        Assert.Equal(line, Sparkline.Of(values, width));

    [Fact]
    public void Time_left_follows_the_estimate_and_then_the_steps_seen()
    {
        ManualTime time = new();
        JobProgress progress = new(time);
        Job job = new() { Id = "ftjob-1", State = JobState.Running, Estimate = new Estimate { Steps = 100, Duration = Duration.FromTimeSpan(TimeSpan.FromSeconds(200)) } };
        progress.Add(new WatchJobResponse { Job = job });

        Assert.Equal(TimeSpan.FromSeconds(200), progress.TimeLeft());
        progress.Add(new WatchJobResponse { Metrics = { new Metric { Key = "train_loss", Step = 10, Value = 2 } } });
        Assert.Equal(TimeSpan.FromSeconds(180), progress.TimeLeft());
        time.Advance(TimeSpan.FromSeconds(10));
        progress.Add(new WatchJobResponse { Metrics = { new Metric { Key = "train_loss", Step = 20, Value = 1 } } });

        Assert.Equal(TimeSpan.FromSeconds(80), progress.TimeLeft());
        Assert.Equal($"ftjob-1 running {new string('█', 4)}{new string('░', 20)} 20 %  step 20/100  loss 1.0000 █▁  00:01:20 left", progress.Line());
    }

    [Fact]
    public void The_picture_is_well_formed_and_has_a_curve_for_each_loss()
    {
        Metric[] metrics =
        [
            new() { Key = "train_loss", Step = 2, Value = 1 }, new() { Key = "train_loss", Step = 1, Value = 3 }, new() { Key = "train_loss", Step = 3, Value = 0.5 },
            new() { Key = "valid_loss", Step = 3, Value = 2 }, new() { Key = "learning_rate", Step = 1, Value = 1e-4 },
        ];

        XElement picture = XElement.Parse(LossCurves.Draw("a <b> & c", metrics)!);

        XElement[] curves = [.. picture.Elements().Where(e => e.Name.LocalName == "polyline")];
        Assert.Equal(2, curves.Length);
        Assert.Equal("60.0,40.0 420.0,253.3 780.0,306.7", curves[0].Attribute("points")!.Value);
        Assert.Contains(picture.Elements(), e => e.Value == "a <b> & c");
        Assert.Null(LossCurves.Draw("x", metrics[^1..]));
    }

    private sealed class ManualTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan span) => _ticks += span.Ticks;
    }
}
