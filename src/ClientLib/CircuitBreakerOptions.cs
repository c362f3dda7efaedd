namespace Inference.ClientLib;

/// <summary>
/// When an address is left alone: once enough of its recent calls ended with UNAVAILABLE. After a break one call tries whether it
/// is back. Where all addresses are left alone, calls fail at once.
/// </summary>
public sealed record CircuitBreakerOptions
{
    /// <summary>Share of failed calls that opens the circuit. Above 0 to 1, default 0.5.</summary>
    public double FailureRatio { get; init; } = 0.5;

    /// <summary>Fewer calls than this in the sampling time never open it. At least 2, default 8.</summary>
    public int MinimumCalls { get; init; } = 8;

    /// <summary>How far back calls count. 0.5 s to a day, default 30 s.</summary>
    public TimeSpan SamplingDuration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it stays open. 0.5 s to a day, default 5 s.</summary>
    public TimeSpan BreakDuration { get; init; } = TimeSpan.FromSeconds(5);

    internal void Validate()
    {
        if (FailureRatio is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(FailureRatio), FailureRatio, "CircuitBreaker.FailureRatio must be above 0 to 1");
        if (MinimumCalls < 2)
            throw new ArgumentOutOfRangeException(nameof(MinimumCalls), MinimumCalls, "CircuitBreaker.MinimumCalls must be at least 2");
        ThrowUnlessInRange(SamplingDuration, nameof(SamplingDuration));
        ThrowUnlessInRange(BreakDuration, nameof(BreakDuration));
    }

    private static void ThrowUnlessInRange(TimeSpan value, string name)
    {
        if (value < TimeSpan.FromSeconds(0.5) || value > TimeSpan.FromDays(1))
            throw new ArgumentOutOfRangeException(name, value, $"CircuitBreaker.{name} must be 0.5 s to a day");
    }
}
