namespace Inference.Jobs;

/// <summary>Which jobs to list, newest first.</summary>
public sealed record JobFilter
{
    /// <summary>Largest page.</summary>
    public const int MaxLimit = 1_000;

    /// <summary>Only this tenant's; null for all.</summary>
    public string? Tenant { get; init; }

    /// <summary>Only this kind; null for all.</summary>
    public string? Kind { get; init; }

    /// <summary>Only these states; empty for all.</summary>
    public IReadOnlyList<JobState> States { get; init; } = [];

    /// <summary>Only jobs with a lower id: the <see cref="JobPage.Next"/> of the page before.</summary>
    public long? Before { get; init; }

    /// <summary>Most jobs on the page, 1 to <see cref="MaxLimit"/>.</summary>
    public int Limit { get; init; } = 100;
}
