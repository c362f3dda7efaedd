namespace Inference.JobWorker.Trainers;

/// <summary>A checkpoint is written, whole, into a directory; from now on that belongs to the worker.</summary>
public sealed record TrainerCheckpoint(long Step, string Directory, IReadOnlyDictionary<string, double> Values) : TrainerMessage;
