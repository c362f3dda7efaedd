namespace Inference.JobWorker.Trainers;

/// <summary>What a trainer is to do: the first line that it reads.</summary>
public sealed record TrainerInput
{
    /// <summary>The job, for messages.</summary>
    public required long JobId { get; init; }

    /// <summary>The job's payload.</summary>
    public required string Payload { get; init; }

    /// <summary>Directory or file of the base model.</summary>
    public required string BaseModel { get; init; }

    /// <summary>File to train on.</summary>
    public required string TrainingData { get; init; }

    /// <summary>File to evaluate on, or null.</summary>
    public string? ValidationData { get; init; }

    /// <summary>Directory of the checkpoint to go on from, or null.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>Step of the checkpoint, 0 without one.</summary>
    public long CheckpointStep { get; init; }

    /// <summary>Where it may write.</summary>
    public required string Directory { get; init; }

    /// <summary>How often to halve the micro-batch: so often did the job run out of memory.</summary>
    public int MemoryReductions { get; init; }

    /// <summary>Threads that it may use, 1 or more.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Products may run on instructions written at run time.</summary>
    public bool EmittedCode { get; init; } = true;

    /// <summary>Servers on this machine go first.</summary>
    public bool GiveWay { get; init; }
}
