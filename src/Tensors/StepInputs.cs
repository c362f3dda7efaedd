namespace Inference.Tensors;

/// <summary>What differs from step to step of a model: the indices that its operations read (<see cref="IBackend.Step"/>).</summary>
/// <param name="TokenIds">By row.</param>
/// <param name="Positions">By row.</param>
/// <param name="Slots">By row.</param>
/// <param name="Slices">The sequences, consecutive rows.</param>
/// <param name="ResultRows">Rows whose results are wanted.</param>
public readonly record struct StepInputs(int[] TokenIds, int[] Positions, int[] Slots, AttentionSlice[] Slices, int[] ResultRows);
