using System.Diagnostics;

namespace Inference.Peers.Bench;

/// <summary>When the pieces of a streamed answer came.</summary>
internal sealed class StreamTimes
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly List<long> _arrivals = [];

    /// <summary>As the server's last event counts them.</summary>
    public int Tokens { get; set; }

    /// <summary>From the request to the first text.</summary>
    public TimeSpan FirstToken => Stopwatch.GetElapsedTime(_start, _arrivals[0]);

    /// <summary>Whether any text has come.</summary>
    public bool HasBegun => _arrivals.Count > 0;

    public void Add() => _arrivals.Add(Stopwatch.GetTimestamp());

    /// <summary>Milliseconds between neighbours, of those that ended between two time stamps.</summary>
    public IEnumerable<double> Gaps(long from, long to) => _arrivals
        .Zip(_arrivals.Skip(1))
        .Where(pair => pair.Second >= from && pair.Second <= to)
        .Select(pair => Stopwatch.GetElapsedTime(pair.First, pair.Second).TotalMilliseconds);
}
