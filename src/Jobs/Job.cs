namespace Inference.Jobs;

/// <summary>A job as it stood when it was read. Times are the database's.</summary>
public sealed record Job
{
    /// <summary>Given by the store, rising.</summary>
    public required long Id { get; init; }

    /// <summary>Chooses the worker's handler.</summary>
    public required string Kind { get; init; }

    /// <summary>Whose job.</summary>
    public required string Tenant { get; init; }

    /// <summary>The handler's input as JSON.</summary>
    public required string Payload { get; init; }

    /// <summary>Unique within the tenant.</summary>
    public required string SubmitKey { get; init; }

    /// <summary>Higher runs sooner.</summary>
    public required int Priority { get; init; }

    /// <summary>The kind of slot it needs.</summary>
    public required string SlotKind { get; init; }

    /// <summary>Where it stands.</summary>
    public required JobState State { get; init; }

    /// <summary>Somebody asked to cancel it while it ran. It will not succeed any more.</summary>
    public bool CancelRequested { get; init; }

    /// <summary>Somebody asked to pause it while it ran.</summary>
    public bool PauseRequested { get; init; }

    /// <summary>Rises with every claim and with every lease taken back; never falls.</summary>
    public long Epoch { get; init; }

    /// <summary>How often it was claimed.</summary>
    public int Attempt { get; init; }

    /// <summary>Attempts that failed, or fell silent, since the last progress.</summary>
    public int FruitlessAttempts { get; init; }

    /// <summary>How often it ran out of memory: the handler halves its micro-batch so many times.</summary>
    public int MemoryReductions { get; init; }

    /// <summary>Step of its newest checkpoint, 0 before the first.</summary>
    public long Progress { get; init; }

    /// <summary>Who waits with the lower rank is claimed first: the time since when it waits, brought forward by its priority.</summary>
    internal long Rank { get; init; }

    /// <summary>Not claimed before this.</summary>
    public DateTimeOffset DueAt { get; init; }

    /// <summary>End of the lease while it runs.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>Who claimed it last.</summary>
    public string? Worker { get; init; }

    /// <summary>Where it was claimed last.</summary>
    public string? Node { get; init; }

    /// <summary>In which slot of the node.</summary>
    public int? Slot { get; init; }

    /// <summary>Tells a claim whose answer was lost from another's.</summary>
    internal string? ClaimToken { get; init; }

    /// <summary>Where the result lies, once it succeeded.</summary>
    public string? Result { get; init; }

    /// <summary>How the last attempt failed, if it did.</summary>
    public JobFailure? Failure { get; init; }

    /// <summary>When it was submitted.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was first claimed.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it reached a terminal state.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Sequence number of its newest event.</summary>
    public long LastEvent { get; init; }

    /// <summary>The lease of whoever claimed it last.</summary>
    public LeaseId Lease => new(Id, Epoch);
}
