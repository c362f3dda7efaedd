using System.Text.Json.Nodes;
using Inference.Jobs;
using Inference.JobWorker.FineTuning;

namespace Inference.JobWorker.OpenAi;

/// <summary>A checkpoint of a job in OpenAI's shape.</summary>
internal sealed record CheckpointBody(
    string Id, long CreatedAt, string FineTunedModelCheckpoint, long StepNumber, JsonObject Metrics, string FineTuningJobId)
{
    public string Object => "fine_tuning.job.checkpoint";

    public static CheckpointBody Of(FineTuningJob job, JobCheckpoint checkpoint, IEnumerable<JobMetric> metrics)
    {
        JsonObject numbers = new() { ["step"] = checkpoint.Step };
        foreach (JobMetric metric in metrics)
        {
            numbers[metric.Key] = metric.Value;
        }

        string name = FormattableString.Invariant($"ckpt-step-{checkpoint.Step}");
        return new CheckpointBody(
            $"ftckpt-{job.Id}-{checkpoint.Step}", checkpoint.At.ToUnixTimeSeconds(), $"{job.Spec.BaseModel}:{job.Spec.AdapterNameOf(job.Job.Id)}:{name}",
            checkpoint.Step, numbers, job.Id);
    }
}
