namespace Inference.Jobs;

/// <summary>What follows a failure.</summary>
internal static class RetryPolicy
{
    /// <summary>The state after an attempt failed, and the pause before the next one; the counters are those that include it.</summary>
    public static (JobState Next, TimeSpan Pause) Decide(Job job, FailureKind kind, JobStoreOptions options)
    {
        bool isExhausted = job.FruitlessAttempts >= options.MaxFruitlessAttempts;
        return kind switch
        {
            FailureKind.UserError => (JobState.Failed, TimeSpan.Zero),
            FailureKind.OutOfMemory when job.MemoryReductions > 1 => (JobState.Failed, TimeSpan.Zero),
            FailureKind.Infrastructure => (JobState.Queued, Pause(job, 1, options)),
            _ when isExhausted => (JobState.Dead, TimeSpan.Zero),
            FailureKind.OutOfMemory or FailureKind.LeaseExpired => (JobState.Queued, TimeSpan.Zero),
            _ => (JobState.Queued, Pause(job, job.FruitlessAttempts, options)),
        };
    }

    /// <summary>
    /// Doubles with each failure; times 0.5 to 1.5, so that jobs that failed together do not return together.
    /// The variation comes from job and attempt, so it needs no randomness.
    /// </summary>
    private static TimeSpan Pause(Job job, int failures, JobStoreOptions options)
    {
        double full = Math.Min(options.BackOff.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 30)), options.MaxBackOff.TotalMilliseconds);
        double share = (Mix((ulong)job.Id * 1_000_003 + (ulong)job.Attempt) >> 11) * (1.0 / (1UL << 53));
        return TimeSpan.FromMilliseconds(full * (0.5 + share));
    }

    /// <summary>SplitMix64's finaliser.</summary>
    private static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
