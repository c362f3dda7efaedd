namespace Inference.Training.FineTuning;

/// <summary>A checkpoint that was written.</summary>
/// <param name="Step">Steps made.</param>
/// <param name="Directory">Its files.</param>
/// <param name="Metrics">Of the step.</param>
public sealed record SavedCheckpoint(int Step, string Directory, StepMetrics Metrics);
