namespace Inference.Jobs;

/// <summary>A number of a job at a step. Written again (steps replayed after a resume), the last value stays.</summary>
/// <param name="Key">Name, as "train_loss".</param>
/// <param name="Step">Step of the job.</param>
/// <param name="Value">A finite number.</param>
public readonly record struct JobMetric(string Key, long Step, double Value);
