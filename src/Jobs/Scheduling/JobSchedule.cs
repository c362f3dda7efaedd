namespace Inference.Jobs;

/// <summary>A recurring job as it stood when it was read.</summary>
/// <param name="Name">Unique within the tenant.</param>
/// <param name="Cron">When, in UTC.</param>
/// <param name="Submission">What is submitted.</param>
/// <param name="NextDue">When next; null when the expression has no further date.</param>
/// <param name="LastJobId">The job submitted last, or null.</param>
public sealed record JobSchedule(string Name, string Cron, JobSubmission Submission, DateTimeOffset? NextDue, long? LastJobId);
