using System.Globalization;
using System.Text.Json;

namespace Inference.Training.FineTuning;

/// <summary>
/// A fine-tuning job as it is queued: everything that decides its result. The services write it as the payload of a job, the worker's
/// trainer reads it.
/// </summary>
public sealed record FineTuningSpec
{
    /// <summary>The kind of these jobs.</summary>
    public const string JobKind = "fine_tuning";

    /// <summary>Name of the base model.</summary>
    public required string BaseModel { get; init; }

    /// <summary>What is learned.</summary>
    public FineTuningMethod Method { get; init; }

    /// <summary>SHA-256 of the JSONL to train on, in lower-case hexadecimal: its name in the data-set store.</summary>
    public required string TrainingData { get; init; }

    /// <summary>SHA-256 of the JSONL to evaluate on; null for none.</summary>
    public string? ValidationData { get; init; }

    /// <summary>Name under which the adapter is published, without the base model's; null: the job's (<see cref="AdapterNameOf"/>).</summary>
    public string? AdapterName { get; init; }

    /// <summary>The day that chat templates write into prompts: one for the job's whole life, so that its tokens never change.</summary>
    public DateTimeOffset AsOf { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Seed of initial values, shuffles and dropout.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>What was asked for.</summary>
    public FineTuningHyperparameters Hyperparameters { get; init; } = new();

    /// <summary>The client's id of the training data. The trainer does not read it, nor anything below.</summary>
    public string? TrainingFile { get; init; }

    /// <summary>The client's id of the validation data.</summary>
    public string? ValidationFile { get; init; }

    /// <summary>What the job will need.</summary>
    public FineTuningEstimate? Estimate { get; init; }

    /// <summary>What the client sent along for its own use.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Name under which a job's adapter is published, without the base model's.</summary>
    public string AdapterNameOf(long jobId) => AdapterName ?? string.Create(CultureInfo.InvariantCulture, $"ftjob-{jobId}");

    /// <summary>As JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FineTuningJson.Default.FineTuningSpec);

    /// <summary>From JSON.</summary>
    /// <exception cref="JsonException">It is no such document.</exception>
    public static FineTuningSpec Parse(string json) =>
        JsonSerializer.Deserialize(json, FineTuningJson.Default.FineTuningSpec) ?? throw new JsonException("a fine-tuning job is null");
}
