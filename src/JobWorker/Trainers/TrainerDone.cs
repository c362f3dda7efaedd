namespace Inference.JobWorker.Trainers;

/// <summary>The adapter is written, whole, into a directory; from now on that belongs to the worker.</summary>
/// <param name="Directory">Files as they are served.</param>
/// <param name="Values">What the run came to.</param>
public sealed record TrainerDone(string Directory, IReadOnlyDictionary<string, double> Values) : TrainerMessage;
