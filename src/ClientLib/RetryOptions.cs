namespace Inference.ClientLib;

/// <summary>
/// When a call that failed with UNAVAILABLE or RESOURCE_EXHAUSTED is tried again: after a delay that doubles, of which a random
/// half is taken away, or later where the server asks for it. A stream is never retried once a message of it has come.
/// </summary>
public sealed record RetryOptions
{
    /// <summary>Tries of one call, the first included. 1 to 20, default 4.</summary>
    public int MaxAttempts { get; init; } = 4;

    /// <summary>Before the second try. Above zero, default 200 ms.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Longest wait between tries. At least <see cref="BaseDelay"/>, default 10 s. Where the server asks for longer, the call
    /// fails at once, and the exception says how long.
    /// </summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Of the random part of delays. Null: chosen at random.</summary>
    public int? JitterSeed { get; init; }

    internal void Validate()
    {
        if (MaxAttempts is < 1 or > 20)
            throw new ArgumentOutOfRangeException(nameof(MaxAttempts), MaxAttempts, "Retry.MaxAttempts must be 1 to 20");
        if (BaseDelay <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(BaseDelay), BaseDelay, "Retry.BaseDelay must be above zero");
        if (MaxDelay < BaseDelay)
            throw new ArgumentOutOfRangeException(nameof(MaxDelay), MaxDelay, $"Retry.MaxDelay must be at least BaseDelay, {BaseDelay}");
    }
}
