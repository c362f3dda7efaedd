namespace Inference.Jobs;

/// <summary>How long a lease lasts, and how it is kept.</summary>
public sealed record LeaseOptions
{
    /// <summary>How long a job stays with a worker that has fallen silent; at least a tenth of a second.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often the lease is extended; at most a third of its duration, so that one lost heartbeat costs nothing.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long before the end of an unextended lease the worker stops by itself; less than half of its duration.</summary>
    public TimeSpan Margin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Leases of another length, with heartbeat and margin in the usual proportion.</summary>
    public static LeaseOptions Of(TimeSpan duration) => new() { Duration = duration, Heartbeat = duration / 6, Margin = duration / 6 };

    /// <summary>Checks every field.</summary>
    /// <exception cref="ArgumentException">Names the field, the limit and the value.</exception>
    internal void Check()
    {
        if (Duration < TimeSpan.FromMilliseconds(100))
            throw new ArgumentException($"{nameof(Duration)} is {Duration}; it must be at least 0.1 s");
        if (Heartbeat <= TimeSpan.Zero || Heartbeat * 3 > Duration)
            throw new ArgumentException($"{nameof(Heartbeat)} is {Heartbeat}; it must be positive and at most a third of {Duration}");
        if (Margin < TimeSpan.Zero || Margin * 2 >= Duration)
            throw new ArgumentException($"{nameof(Margin)} is {Margin}; it must be less than half of {Duration}");
    }
}
