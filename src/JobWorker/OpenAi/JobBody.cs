using System.Text.Json.Nodes;
using Inference.Jobs;
using Inference.JobWorker.FineTuning;
using Inference.Training.FineTuning;

namespace Inference.JobWorker.OpenAi;

/// <summary>A job in OpenAI's shape.</summary>
internal sealed record JobBody
{
    public required string Id { get; init; }

    public string Object => "fine_tuning.job";

    public required string Model { get; init; }

    public required long CreatedAt { get; init; }

    public long? FinishedAt { get; init; }

    public string? FineTunedModel { get; init; }

    public string OrganizationId => "";

    public IReadOnlyList<string> ResultFiles => [];

    public required string Status { get; init; }

    public string? ValidationFile { get; init; }

    public required string TrainingFile { get; init; }

    public required JsonObject Hyperparameters { get; init; }

    public required JsonObject Method { get; init; }

    public long? TrainedTokens { get; init; }

    public JobErrorBody? Error { get; init; }

    public string? UserProvidedSuffix { get; init; }

    public required int Seed { get; init; }

    public long? EstimatedFinish { get; init; }

    public IReadOnlyList<string> Integrations => [];

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public static JobBody Of(FineTuningJob job)
    {
        (Job queued, FineTuningSpec spec) = job;
        string method = spec.Method == FineTuningMethod.Dpo ? "dpo" : "supervised";
        return new JobBody
        {
            Id = job.Id,
            Model = spec.BaseModel,
            CreatedAt = queued.CreatedAt.ToUnixTimeSeconds(),
            FinishedAt = queued.EndedAt?.ToUnixTimeSeconds(),
            FineTunedModel = job.FineTunedModel,
            Status = queued.State switch
            {
                JobState.Validating => "validating_files",
                JobState.Dead => "failed",
                _ => queued.State.ToText(),
            },
            ValidationFile = spec.ValidationFile,
            TrainingFile = spec.TrainingFile ?? "",
            Hyperparameters = HyperparameterValues.Write(spec.Hyperparameters),
            Method = new JsonObject
            {
                ["type"] = method,
                [method] = new JsonObject { ["hyperparameters"] = HyperparameterValues.Write(spec.Hyperparameters) },
            },
            TrainedTokens = queued.State == JobState.Succeeded ? spec.Estimate?.Tokens : null,
            Error = queued.State is JobState.Failed or JobState.Dead && queued.Failure is { } failure
                ? new JobErrorBody(failure.Kind.ToText(), failure.Message) : null,
            UserProvidedSuffix = spec.AdapterName,
            Seed = spec.Seed,
            EstimatedFinish = queued.State == JobState.Running && queued.StartedAt is { } start && spec.Estimate is { } estimate
                ? start.ToUnixTimeSeconds() + (long)Math.Min(estimate.Seconds, int.MaxValue) : null,
            Metadata = spec.Metadata,
        };
    }

    /// <summary>Why a job failed.</summary>
    internal sealed record JobErrorBody(string Code, string Message)
    {
        public string? Param => null;
    }
}
