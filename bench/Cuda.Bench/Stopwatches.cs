using Inference.Tensors.Cuda.Driver;

namespace Inference.Cuda.Bench;

/// <summary>Takes the device's time of work on a stream.</summary>
internal sealed class Stopwatches(PrimaryContext context, double seconds) : IDisposable
{
    private const int Rounds = 7;

    private readonly CudaEvent _begin = new(context, timing: true), _end = new(context, timing: true);

    /// <summary>The stream that is measured.</summary>
    public CudaStream Stream { get; } = new(context);

    /// <summary>Seconds that one piece of work takes: the median of rounds that together take about the seconds given.</summary>
    public double Measure(Action work)
    {
        _ = Time(work, 1);
        int repeats = (int)Math.Clamp(seconds / Rounds / Math.Max(Time(work, 1), 1e-6), 1, 10_000);
        double[] times = [.. Enumerable.Range(0, Rounds).Select(_ => Time(work, repeats)).Order()];
        return times[Rounds / 2];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _begin.Dispose();
        _end.Dispose();
        Stream.Dispose();
    }

    private double Time(Action work, int repeats)
    {
        _begin.Record(Stream);
        for (int i = 0; i < repeats; i++)
        {
            work();
        }

        _end.Record(Stream);
        _end.Synchronize();
        return _begin.MillisecondsTo(_end) / 1e3 / repeats;
    }
}
