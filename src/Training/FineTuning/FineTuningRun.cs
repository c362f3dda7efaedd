namespace Inference.Training.FineTuning;

/// <summary>What a fine-tuning run reads and writes.</summary>
public sealed record FineTuningRun
{
    /// <summary>Directory or `.gguf` file of the base model.</summary>
    public required string Model { get; init; }

    /// <summary>The tokens.</summary>
    public required FineTuningData Data { get; init; }

    /// <summary>How it goes.</summary>
    public required FineTuningOptions Options { get; init; }

    /// <summary>Where it writes: `checkpoints/step-NNNNNNNN` and `adapter`.</summary>
    public required string Directory { get; init; }

    /// <summary>Directory of a checkpoint to go on from; null: the newest whole one under <see cref="Directory"/>, if any.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>Gets the numbers of each step, on the trainer's thread.</summary>
    public Action<StepMetrics> Stepped { get; init; } = _ => { };

    /// <summary>
    /// Gets each checkpoint when it is whole on the disk, on the trainer's thread. It is an adapter that can be served, and what is
    /// needed to go on. It may be moved away.
    /// </summary>
    public Action<SavedCheckpoint> Saved { get; init; } = _ => { };

    /// <summary>The clock of <see cref="StepMetrics.TokensPerSecond"/>.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
