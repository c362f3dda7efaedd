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

    /// <summary>Name under which the adapter is published, without the base model's.</summary>
    public string? AdapterName { get; init; }

    /// <summary>Seed of initial values, shuffles and dropout.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>What was asked for.</summary>
    public FineTuningHyperparameters Hyperparameters { get; init; } = new();

    /// <summary>What the client sent along, and what the API needs to show the job again. The trainer does not read it.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>As JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FineTuningJson.Default.FineTuningSpec);

    /// <summary>From JSON.</summary>
    /// <exception cref="JsonException">It is no such document.</exception>
    public static FineTuningSpec Parse(string json) =>
        JsonSerializer.Deserialize(json, FineTuningJson.Default.FineTuningSpec) ?? throw new JsonException("a fine-tuning job is null");
}
