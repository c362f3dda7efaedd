namespace Inference.Jobs.Stores;

/// <summary>A submission as a job that has no id yet.</summary>
internal static class NewJob
{
    public static Job From(JobSubmission submission, string submitKey, DateTimeOffset now, JobStoreOptions options)
    {
        DateTimeOffset due = submission.DueAt > now ? submission.DueAt.Value : now;
        return new Job
        {
            Id = 0,
            Kind = submission.Kind,
            Tenant = submission.Tenant,
            Payload = submission.Payload,
            SubmitKey = submitKey,
            Priority = submission.Priority,
            SlotKind = submission.SlotKind,
            State = submission.NeedsValidation ? JobState.Validating : JobState.Queued,
            DueAt = due,
            Rank = JobTransitions.Rank(due, submission.Priority, options),
            CreatedAt = now,
        };
    }

    /// <summary>Whether a job is what this submission would have made.</summary>
    public static bool IsSame(JobSubmission submission, Job job) =>
        (submission.Kind, submission.Payload, submission.Priority, submission.SlotKind) == (job.Kind, job.Payload, job.Priority, job.SlotKind);
}
