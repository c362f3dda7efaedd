namespace Inference.JobWorker.Trainers;

/// <summary>Numbers of a step, by name.</summary>
public sealed record TrainerMetrics(long Step, IReadOnlyDictionary<string, double> Values) : TrainerMessage;
