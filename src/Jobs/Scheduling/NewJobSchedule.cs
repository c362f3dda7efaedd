namespace Inference.Jobs;

/// <summary>A job to be submitted again and again.</summary>
/// <param name="Name">Unique within the tenant.</param>
/// <param name="Cron">When, in UTC (<see cref="CronExpression"/>).</param>
/// <param name="Submission">What; its submit key and due time are not used.</param>
public sealed record NewJobSchedule(string Name, string Cron, JobSubmission Submission)
{
    /// <summary>Checks every field.</summary>
    /// <exception cref="ArgumentException">Names the field, the limit and the value.</exception>
    /// <exception cref="FormatException">The cron expression cannot be read.</exception>
    internal void Check()
    {
        if (Name.Length is 0 or > JobSubmission.MaxNameLength || Name.Contains('\0'))
            throw new ArgumentException($"{nameof(Name)} has {Name.Length} characters; 1 to {JobSubmission.MaxNameLength} without NUL are allowed");
        Submission.Check();
        CronExpression.Parse(Cron);
    }
}
