using Inference.Jobs;
using Inference.Training.FineTuning;

namespace Inference.JobWorker.FineTuning;

/// <summary>A job with what it was submitted as.</summary>
/// <param name="Job">Where it stands.</param>
/// <param name="Spec">Its payload.</param>
public sealed record FineTuningJob(Job Job, FineTuningSpec Spec)
{
    /// <summary>Id that clients use.</summary>
    public string Id => JobIds.Format(Job.Id);

    /// <summary>Name under which the result is served; null until there is one.</summary>
    public string? FineTunedModel => Job.State == JobState.Succeeded ? $"{Spec.BaseModel}:{Spec.AdapterNameOf(Job.Id)}" : null;

    /// <summary>Reads the payload.</summary>
    /// <exception cref="System.Text.Json.JsonException">The job is of another kind.</exception>
    public static FineTuningJob Of(Job job) => new(job, FineTuningSpec.Parse(job.Payload));
}
