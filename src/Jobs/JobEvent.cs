namespace Inference.Jobs;

/// <summary>Something that happened to a job. Each change of state writes one, named "job." and the state, in the same transaction.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Sequence">1, 2, 3, ... within the job, without gaps, in the order in which they became visible.</param>
/// <param name="Kind">A word for programs.</param>
/// <param name="Message">A sentence for people.</param>
/// <param name="Data">Details as JSON.</param>
/// <param name="At">By the database's clock.</param>
public sealed record JobEvent(long JobId, long Sequence, string Kind, string Message, string Data, DateTimeOffset At);
