namespace Inference.Jobs;

/// <summary>A worker asks for a job to run in one of its slots.</summary>
public sealed record ClaimRequest
{
    /// <summary>Name of the worker, for people.</summary>
    public required string Worker { get; init; }

    /// <summary>Machine whose slot it is; with <see cref="Slot"/> it names the row that only one job may hold.</summary>
    public required string Node { get; init; }

    /// <summary>Number of the GPU, or of the CPU's share, on the node.</summary>
    public int Slot { get; init; }

    /// <summary>What the slot is: only jobs that ask for this kind are given.</summary>
    public string SlotKind { get; init; } = "cpu";

    /// <summary>Kinds of job that the worker can run; at least one.</summary>
    public required IReadOnlyList<string> Kinds { get; init; }

    /// <summary>How long the lease lasts without a heartbeat.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(60);
}
