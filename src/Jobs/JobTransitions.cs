namespace Inference.Jobs;

/// <summary>
/// What each operation makes of a job: pure functions, applied by the stores to a row that they have locked, with the database's time.
/// </summary>
internal static class JobTransitions
{
    public static Job Accept(Job job, DateTimeOffset now, JobStoreOptions options) => job.State switch
    {
        JobState.Validating => Enqueue(job, now, options),
        JobState.Queued or JobState.Running or JobState.Paused => job,
        _ => throw new JobStateException(job.Id, job.State, JobState.Queued),
    };

    public static Job Reject(Job job, DateTimeOffset now, string message) => job.State switch
    {
        JobState.Validating => End(job, JobState.Failed, now) with { Failure = Cut(new JobFailure(FailureKind.UserError, message)) },
        JobState.Failed => job,
        _ => throw new JobStateException(job.Id, job.State, JobState.Failed),
    };

    public static Job Claim(Job job, DateTimeOffset now, ClaimRequest request, string token) => To(job, JobState.Running) with
    {
        Epoch = job.Epoch + 1,
        Attempt = job.Attempt + 1,
        LeaseUntil = now + request.Lease,
        Worker = request.Worker,
        Node = request.Node,
        Slot = request.Slot,
        ClaimToken = token,
        StartedAt = job.StartedAt ?? now,
    };

    /// <summary>A cancel that was accepted wins against a result that comes after it.</summary>
    public static Job Complete(Job job, DateTimeOffset now, string result) => job.CancelRequested
        ? End(job, JobState.Cancelled, now)
        : End(job, JobState.Succeeded, now) with { Result = result, Failure = null };

    public static Job Fail(Job job, DateTimeOffset now, JobFailure failure, JobStoreOptions options)
    {
        if (job.CancelRequested)
            return End(job, JobState.Cancelled, now);
        Job failed = job with
        {
            Failure = Cut(failure),
            FruitlessAttempts = job.FruitlessAttempts + (failure.Kind == FailureKind.Infrastructure ? 0 : 1),
            MemoryReductions = job.MemoryReductions + (failure.Kind == FailureKind.OutOfMemory ? 1 : 0),
        };
        (JobState next, TimeSpan pause) = RetryPolicy.Decide(failed, failure.Kind, options);
        if (next.IsTerminal())
            return End(failed, next, now);
        return Yield(failed) with { DueAt = now + pause };
    }

    /// <summary>Handed back in good order: spends nothing.</summary>
    public static Job Release(Job job, DateTimeOffset now) =>
        job.CancelRequested ? End(job, JobState.Cancelled, now) : Yield(job) with { DueAt = now };

    /// <summary>The holder fell silent. The epoch rises, so that nothing it still writes can count.</summary>
    public static Job Expire(Job job, DateTimeOffset now, JobStoreOptions options)
    {
        string message = $"worker {job.Worker} on {job.Node} was not heard of until the lease expired";
        return Fail(job, now, new JobFailure(FailureKind.LeaseExpired, message), options) with { Epoch = job.Epoch + 1 };
    }

    public static Job Cancel(Job job, DateTimeOffset now) => job.State switch
    {
        JobState.Running => job with { CancelRequested = true },
        JobState.Cancelled => job,
        _ => End(job, JobState.Cancelled, now),
    };

    public static Job Pause(Job job) => job.State switch
    {
        JobState.Running => job with { PauseRequested = true },
        JobState.Paused => job,
        _ => To(job, JobState.Paused),
    };

    public static Job Resume(Job job, DateTimeOffset now, JobStoreOptions options) => job.State switch
    {
        JobState.Running => job with { PauseRequested = false },
        JobState.Queued => job,
        JobState.Paused => Enqueue(job, now, options),
        _ => throw new JobStateException(job.Id, job.State, JobState.Queued),
    };

    /// <summary>A new life for a job that failed, was cancelled or is dead, with its budget restored.</summary>
    public static Job Retry(Job job, DateTimeOffset now, JobStoreOptions options) => job.State switch
    {
        JobState.Queued => job,
        JobState.Failed or JobState.Cancelled or JobState.Dead =>
            Enqueue(job, now, options) with { FruitlessAttempts = 0, MemoryReductions = 0, EndedAt = null, Failure = null },
        _ => throw new JobStateException(job.Id, job.State, JobState.Queued),
    };

    /// <summary>
    /// Both wait equally fast, so the order of two waiting jobs never changes, and the rank can be stored and indexed.
    /// </summary>
    public static long Rank(DateTimeOffset since, int priority, JobStoreOptions options) =>
        since.ToUnixTimeMilliseconds() - priority * (long)options.PriorityAging.TotalMilliseconds;

    private static Job Enqueue(Job job, DateTimeOffset now, JobStoreOptions options)
    {
        DateTimeOffset due = job.DueAt > now ? job.DueAt : now;
        return To(job, JobState.Queued) with { DueAt = due, Rank = Rank(due, job.Priority, options) };
    }

    /// <summary>Out of running, to go on later. The rank stays: what waited long goes on waiting at the front.</summary>
    private static Job Yield(Job job) => Leave(To(job, job.PauseRequested ? JobState.Paused : JobState.Queued));

    private static Job End(Job job, JobState state, DateTimeOffset now) => Leave(To(job, state)) with { EndedAt = now };

    private static Job Leave(Job job) =>
        job with { LeaseUntil = null, ClaimToken = null, CancelRequested = false, PauseRequested = false };

    private static Job To(Job job, JobState state) =>
        JobStateMachine.Allows(job.State, state) ? job with { State = state } : throw new JobStateException(job.Id, job.State, state);

    private static JobFailure Cut(JobFailure failure) =>
        failure with { Message = Texts.Clean(failure.Message, JobFailure.MaxMessageLength) };
}
