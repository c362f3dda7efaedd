using Google.Protobuf.WellKnownTypes;
using Inference.Contracts.FineTuning.V1;
using Inference.Jobs;
using Inference.JobWorker.Datasets;
using Inference.JobWorker.FineTuning;
using Inference.Training.Datasets;
using Inference.Training.FineTuning;
using Job = Inference.Contracts.FineTuning.V1.Job;
using JobEvent = Inference.Contracts.FineTuning.V1.JobEvent;
using JobState = Inference.Contracts.FineTuning.V1.JobState;
using Method = Inference.Contracts.FineTuning.V1.Method;
using WireDatasetReport = Inference.Contracts.FineTuning.V1.DatasetReport;
using WireFault = Inference.Contracts.FineTuning.V1.DatasetFault;

namespace Inference.JobWorker.Grpc;

/// <summary>Jobs, data sets and what is told of them as messages of the wire, and back.</summary>
internal static class FineTuningMessages
{
    private static readonly Dictionary<Jobs.JobState, JobState> States =
        System.Enum.GetValues<Jobs.JobState>().ToDictionary(s => s, s => System.Enum.Parse<JobState>(s.ToString()));

    public static Job ToJob(FineTuningJob job)
    {
        (Jobs.Job queued, FineTuningSpec spec) = job;
        Job wire = new()
        {
            Id = job.Id,
            State = States[queued.State],
            Model = spec.BaseModel,
            TrainingFile = spec.TrainingFile ?? "",
            ValidationFile = spec.ValidationFile ?? "",
            Method = ToMethod(spec.Method),
            Hyperparameters = HyperparameterMessages.ToWire(spec.Hyperparameters),
            Suffix = spec.AdapterName ?? "",
            Seed = spec.Seed,
            Priority = queued.Priority,
            TenantId = queued.Tenant,
            FineTunedModel = job.FineTunedModel ?? "",
            Result = queued.Result ?? "",
            Failure = queued.Failure is { } failure ? new Failure { Kind = failure.Kind.ToText(), Message = failure.Message } : null,
            CreatedAt = Timestamp.FromDateTimeOffset(queued.CreatedAt),
            StartedAt = ToTimestamp(queued.StartedAt),
            EndedAt = ToTimestamp(queued.EndedAt),
            Attempt = queued.Attempt,
            Worker = queued.Worker ?? "",
            CheckpointStep = queued.Progress,
            LastEvent = queued.LastEvent,
            CancelRequested = queued.CancelRequested,
            PauseRequested = queued.PauseRequested,
            Estimate = spec.Estimate is { } estimate ? ToEstimate(estimate) : null,
            TrainedTokens = spec.Estimate?.Tokens ?? 0,
        };
        wire.Metadata.Add(spec.Metadata.ToDictionary());
        return wire;
    }

    /// <exception cref="InvalidFieldsException">The number is no state.</exception>
    public static Jobs.JobState FromState(JobState state) => States.Any(s => s.Value == state)
        ? States.First(s => s.Value == state).Key : throw new InvalidFieldsException("states", $"{(int)state} is no state of a job");

    /// <exception cref="InvalidFieldsException">The number is no method.</exception>
    public static FineTuningMethod FromMethod(Method method) => method switch
    {
        Method.Unspecified or Method.Supervised => FineTuningMethod.Supervised,
        Method.Dpo => FineTuningMethod.Dpo,
        _ => throw new InvalidFieldsException("method", $"{(int)method} is no method"),
    };

    public static JobEvent ToEvent(Jobs.JobEvent e) => new()
    {
        Sequence = e.Sequence,
        Kind = e.Kind,
        Message = e.Message,
        DataJson = e.Data,
        At = Timestamp.FromDateTimeOffset(e.At),
    };

    public static Metric ToMetric(JobMetric metric) => new() { Key = metric.Key, Step = metric.Step, Value = metric.Value };

    public static Checkpoint ToCheckpoint(JobCheckpoint checkpoint, IEnumerable<JobMetric> metrics)
    {
        Checkpoint wire = new()
        {
            Step = checkpoint.Step,
            Location = checkpoint.Location,
            DataJson = checkpoint.Data,
            At = Timestamp.FromDateTimeOffset(checkpoint.At),
        };
        wire.Metrics.AddRange(metrics.Select(ToMetric));
        return wire;
    }

    public static Dataset ToDataset(DatasetFile file, string tenant) => new()
    {
        Id = file.Id,
        Filename = file.Filename,
        Bytes = file.Bytes,
        Sha256 = file.Sha256,
        CreatedAt = Timestamp.FromDateTimeOffset(file.CreatedAt),
        TenantId = tenant,
    };

    public static WireDatasetReport ToReport(Training.Datasets.DatasetReport report, FineTuningEstimate estimate)
    {
        WireDatasetReport wire = new()
        {
            Valid = report.IsValid,
            Format = report.Format is { } format ? DatasetReader.Name(format) : "",
            Examples = report.Examples,
            FaultCount = report.FaultCount,
            WarningCount = report.WarningCount,
            Tokens = report.Tokens,
            TrainedTokens = report.TrainedTokens,
            LongestExampleTokens = report.LongestExample,
            TruncatedExamples = report.TruncatedExamples,
            Estimate = ToEstimate(estimate),
        };
        wire.Faults.AddRange(report.Faults.Select(ToFault));
        wire.Warnings.AddRange(report.Warnings.Select(ToFault));
        return wire;
    }

    private static WireFault ToFault(Training.Datasets.DatasetFault fault) => new() { Line = fault.Line, Field = fault.Field, Reason = fault.Reason };

    private static Estimate ToEstimate(FineTuningEstimate estimate) => new()
    {
        Duration = Duration.FromTimeSpan(TimeSpan.FromSeconds(Math.Min(estimate.Seconds, TimeSpan.FromDays(3650).TotalSeconds))),
        MemoryBytes = estimate.MemoryBytes,
        Steps = estimate.Steps,
        TokensPerSecond = estimate.TokensPerSecond,
        Measured = estimate.IsMeasured,
    };

    private static Method ToMethod(FineTuningMethod method) => method == FineTuningMethod.Dpo ? Method.Dpo : Method.Supervised;

    private static Timestamp? ToTimestamp(DateTimeOffset? time) => time is { } t ? Timestamp.FromDateTimeOffset(t) : null;
}
