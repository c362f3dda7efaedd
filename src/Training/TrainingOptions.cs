using Inference.Training.Optimisation;

namespace Inference.Training;

/// <summary>How a run goes. The order of all sums follows from <see cref="Workers"/> and <see cref="MicroBatches"/>: the same values, the same bits.</summary>
public sealed record TrainingOptions
{
    /// <summary>Learning rate by step, and the number of steps.</summary>
    public required CosineSchedule Schedule { get; init; }

    /// <summary>The optimiser's constants.</summary>
    public AdamWOptions AdamW { get; init; } = new();

    /// <summary>Most rows of a micro-batch.</summary>
    public int MicroBatchRows { get; init; } = 1024;

    /// <summary>Micro-batches of a step (accumulation and data parallelism together).</summary>
    public int MicroBatches { get; init; } = 4;

    /// <summary>Threads; micro-batch i belongs to worker i % Workers.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>Most rows of logits at a time.</summary>
    public int HeadChunkRows { get; init; } = 256;

    /// <summary>Seed of the initial parameters and of the order of the data.</summary>
    public int Seed { get; init; } = 1;
}
