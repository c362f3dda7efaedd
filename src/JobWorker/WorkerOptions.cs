using System.ComponentModel.DataAnnotations;

namespace Inference.JobWorker;

/// <summary>What this host offers to jobs. Section "Worker".</summary>
public sealed class WorkerOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Worker";

    /// <summary>Its name, for people. Empty (default): machine and process.</summary>
    public string Name { get; set; } = "";

    /// <summary>The machine whose slots it uses. Empty (default): the machine's name. Workers that share a machine share its slots.</summary>
    public string Node { get; set; } = "";

    /// <summary>What its slots are, "cpu" (default) or "gpu": jobs ask for one of them.</summary>
    [RegularExpression("cpu|gpu")]
    public string SlotKind { get; set; } = "cpu";

    /// <summary>Number of the first slot, 0 to 1,000: two workers on a machine that may run at once take different ones.</summary>
    [Range(0, 1000)]
    public int FirstSlot { get; set; }

    /// <summary>Jobs that run at once. 0 to 64, default 1; 0: this host serves its API and runs none.</summary>
    [Range(0, 64)]
    public int Slots { get; set; } = 1;

    /// <summary>How long a job stays with a worker that has fallen silent; heartbeats come every sixth of it. 1 s to an hour, default 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often it looks for work when no hint arrives. 10 ms to a minute, default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);
}
