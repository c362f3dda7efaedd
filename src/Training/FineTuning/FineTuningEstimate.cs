namespace Inference.Training.FineTuning;

/// <summary>What a job will need, as it was reckoned when it was submitted.</summary>
/// <param name="Steps">Optimiser steps.</param>
/// <param name="Tokens">Tokens that training sees in all epochs.</param>
/// <param name="Seconds">Of training, without the wait.</param>
/// <param name="MemoryBytes">Most memory of the trainer.</param>
/// <param name="TokensPerSecond">What <paramref name="Seconds"/> is based on.</param>
/// <param name="IsMeasured"><paramref name="TokensPerSecond"/> is what a job on the same model reached; else it is a guess.</param>
public sealed record FineTuningEstimate(long Steps, long Tokens, double Seconds, long MemoryBytes, double TokensPerSecond, bool IsMeasured = false);
