namespace Inference.JobWorker.Trainers;

/// <summary>It was asked to stop; its last checkpoint is where to go on.</summary>
public sealed record TrainerStopped : TrainerMessage;
