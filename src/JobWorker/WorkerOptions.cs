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

    /// <summary>How long a trainer that is to pause or to leave may take to write a checkpoint; then it is killed. Up to an hour, default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Threads of a trainer. 0 to 1,024; 0 (default): the machine's processors, shared by the slots.</summary>
    [Range(0, 1024)]
    public int Threads { get; set; }

    /// <summary>Trainers leave the processors to others who want them, such as an inference host on the same machine. Default false.</summary>
    public bool GiveWay { get; set; }

    /// <summary>Checkpoints of a job that are kept, the newest ones. 1 to 1,000, default 3.</summary>
    [Range(1, 1000)]
    public int KeepCheckpoints { get; set; } = 3;

    /// <summary>Threads of one trainer.</summary>
    internal int ThreadsPerSlot => Threads > 0 ? Threads : Math.Max(1, Environment.ProcessorCount / Math.Max(1, Slots));
}
