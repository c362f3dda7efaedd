namespace Inference.Jobs;

/// <summary>A worker: who it is, and what it has to offer.</summary>
public sealed record JobRunnerOptions
{
    /// <summary>Its name, for people.</summary>
    public required string Worker { get; init; }

    /// <summary>The machine whose slots it uses.</summary>
    public required string Node { get; init; }

    /// <summary>What its slots are.</summary>
    public string SlotKind { get; init; } = "cpu";

    /// <summary>Numbers of its slots: so many jobs run at once. Two workers that name the same slot take turns.</summary>
    public IReadOnlyList<int> Slots { get; init; } = [0];

    /// <summary>How leases are kept.</summary>
    public LeaseOptions Lease { get; init; } = new();

    /// <summary>How often it looks for work when no hint arrives.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(2);
}
