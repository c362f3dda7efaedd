using System.Diagnostics;

namespace Inference.Tensors.Bench;

/// <summary>
/// Seconds of an action: the median and the best of several runs, after a warm-up. With one thread it is processor time,
/// which other load on the machine disturbs little; with several it is elapsed time.
/// </summary>
internal readonly record struct Sampling(double Median, double Best)
{
    /// <summary>Whether processor time is measured.</summary>
    public static bool ProcessorTime { get; set; }

    public static Sampling Of(Action action, double seconds = 0.4)
    {
        action();
        List<double> times = [];
        long start = Stopwatch.GetTimestamp();
        while (times.Count < 7 || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            double begin = Now();
            action();
            times.Add(Now() - begin);
        }

        times.Sort();
        return new(times[times.Count / 2], times[0]);
    }

    /// <summary>Seconds of one run.</summary>
    public static double Once(Action action)
    {
        double begin = Now();
        action();
        return Now() - begin;
    }

    private static double Now() =>
        ProcessorTime ? Environment.CpuUsage.TotalTime.TotalSeconds : Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
}
