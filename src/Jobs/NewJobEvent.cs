namespace Inference.Jobs;

/// <summary>Something that happened to a job, before the store numbers it.</summary>
/// <param name="Kind">A word for programs ("checkpoint", "step").</param>
/// <param name="Message">A sentence for people.</param>
/// <param name="Data">Details as JSON.</param>
public sealed record NewJobEvent(string Kind, string Message, string Data = "{}");
