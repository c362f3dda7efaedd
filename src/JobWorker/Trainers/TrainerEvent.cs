namespace Inference.JobWorker.Trainers;

/// <summary>Something happened that people want to know.</summary>
/// <param name="Kind">A word for programs.</param>
/// <param name="Message">A sentence for people.</param>
public sealed record TrainerEvent(string Kind, string Message) : TrainerMessage;
