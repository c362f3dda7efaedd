using System.Diagnostics;

namespace Inference.Tensors.Bench;

/// <summary>Time by operation, summed over steps.</summary>
internal sealed class OperationTimes
{
    private readonly Dictionary<string, (int Calls, long Ticks, bool IsLayer)> _times = [];
    private long _start = Stopwatch.GetTimestamp();

    public int Steps { get; private set; }

    public double Seconds => Stopwatch.GetElapsedTime(_start).TotalSeconds;

    /// <summary>Name, calls, microseconds of all calls, and whether it stands in the layers, of which only a few are run.</summary>
    public IEnumerable<(string Operation, int Calls, double Total, bool IsLayer)> Operations =>
        _times.Select(t => (t.Key, t.Value.Calls, t.Value.Ticks * 1e6 / Stopwatch.Frequency, t.Value.IsLayer));

    public void NextStep() => Steps++;

    public void Clear()
    {
        _times.Clear();
        Steps = 0;
        _start = Stopwatch.GetTimestamp();
    }

    public void Run(string operation, Action action, bool isLayer = true)
    {
        long begin = Stopwatch.GetTimestamp();
        action();
        long ticks = Stopwatch.GetTimestamp() - begin;
        (int calls, long sum, _) = _times.GetValueOrDefault(operation);
        _times[operation] = (calls + 1, sum + ticks, isLayer);
    }
}
