using System.ComponentModel.DataAnnotations;

namespace Inference.JobWorker;

/// <summary>Where the queue lies and how it treats its jobs; all hosts of one queue should say the same. Section "Queue".</summary>
public sealed class QueueOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Queue";

    /// <summary>Connection string of PostgreSQL. Empty (default): <see cref="SqliteFile"/>.</summary>
    public string Postgres { get; set; } = "";

    /// <summary>File of the embedded queue, for the processes of one machine. Empty (default): jobs.db in the data directory.</summary>
    public string SqliteFile { get; set; } = "";

    /// <summary>Attempts in a row without a new checkpoint after which a job is dead. 1 to 100, default 3.</summary>
    [Range(1, 100)]
    public int MaxFruitlessAttempts { get; set; } = 3;

    /// <summary>First pause before a transient failure is tried again, up to an hour; it doubles with each. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan BackOff { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Waiting time that counts as much as one level of priority, 1 ms to a day. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan PriorityAging { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long a job is kept after its end, with events, metrics and checkpoints; published adapters stay. Zero: for ever. Up to 100
    /// years, default 90 days.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "36500.00:00:00")]
    public TimeSpan RetainJobs { get; set; } = TimeSpan.FromDays(90);
}
