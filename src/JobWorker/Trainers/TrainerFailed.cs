using Inference.Jobs;

namespace Inference.JobWorker.Trainers;

/// <summary>It cannot go on.</summary>
public sealed record TrainerFailed(FailureKind Kind, string Message) : TrainerMessage;
