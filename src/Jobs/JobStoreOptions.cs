namespace Inference.Jobs;

/// <summary>How a store treats its jobs. All processes on one database should use the same.</summary>
public sealed record JobStoreOptions
{
    /// <summary>Attempts in a row without a new checkpoint after which a job is dead; 1 or more.</summary>
    public int MaxFruitlessAttempts { get; init; } = 3;

    /// <summary>First pause before a transient failure is tried again; it doubles with each fruitless attempt, and varies by half.</summary>
    public TimeSpan BackOff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest pause.</summary>
    public TimeSpan MaxBackOff { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Waiting time that counts as much as one level of priority.</summary>
    public TimeSpan PriorityAging { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long an operation is repeated while the database cannot be reached. For a worker, as long as its lease: then work in progress
    /// outlives every outage that its lease outlives.
    /// </summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often watchers look for events when no hint arrives.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Checks every field.</summary>
    /// <exception cref="ArgumentException">Names the field, the limit and the value.</exception>
    internal void Check()
    {
        if (MaxFruitlessAttempts < 1)
            throw new ArgumentException($"{nameof(MaxFruitlessAttempts)} is {MaxFruitlessAttempts}; it must be at least 1");
        CheckSpan(nameof(BackOff), BackOff, TimeSpan.Zero);
        CheckSpan(nameof(MaxBackOff), MaxBackOff, BackOff);
        CheckSpan(nameof(PriorityAging), PriorityAging, TimeSpan.FromMilliseconds(1));
        CheckSpan(nameof(RetryFor), RetryFor, TimeSpan.Zero);
        CheckSpan(nameof(PollInterval), PollInterval, TimeSpan.FromMilliseconds(1));
    }

    private static void CheckSpan(string field, TimeSpan value, TimeSpan least)
    {
        if (value < least || value > TimeSpan.FromDays(1))
            throw new ArgumentException($"{field} is {value}; it must lie between {least} and one day");
    }
}
