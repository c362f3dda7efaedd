using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.JobWorker.FineTuning;
using Inference.Training.FineTuning;

namespace Inference.JobWorker.OpenAi;

/// <summary>The body of POST /v1/fine_tuning/jobs.</summary>
internal sealed record CreateJobBody
{
    public string? Model { get; init; }

    public string? TrainingFile { get; init; }

    public string? ValidationFile { get; init; }

    public string? Suffix { get; init; }

    public int? Seed { get; init; }

    public Dictionary<string, string>? Metadata { get; init; }

    public MethodBody? Method { get; init; }

    /// <summary>OpenAI's former place of them.</summary>
    public Dictionary<string, JsonElement>? Hyperparameters { get; init; }

    public JsonArray? Integrations { get; init; }

    /// <summary>The submission that it describes.</summary>
    /// <exception cref="InvalidFieldsException">A field is missing, or asks for what this server does not do.</exception>
    public NewFineTuningJob ToJob(string tenant, string? submitKey)
    {
        if (Integrations is { Count: > 0 })
        {
            throw new InvalidFieldsException("integrations", "are not supported");
        }

        FineTuningMethod method = Method?.Type switch
        {
            null or "supervised" => FineTuningMethod.Supervised,
            "dpo" => FineTuningMethod.Dpo,
            { } other => throw new InvalidFieldsException("method.type", $"must be supervised or dpo, not \"{other}\""),
        };
        MethodSettings? settings = method == FineTuningMethod.Dpo ? Method?.Dpo : Method?.Supervised;
        return new NewFineTuningJob
        {
            Tenant = tenant,
            Model = Model ?? throw new InvalidFieldsException("model", "is required"),
            TrainingFile = TrainingFile ?? throw new InvalidFieldsException("training_file", "is required"),
            ValidationFile = ValidationFile,
            Method = method,
            Hyperparameters = HyperparameterValues.Read(settings?.Hyperparameters ?? Hyperparameters),
            Suffix = Suffix,
            Seed = Seed ?? 1,
            SubmitKey = submitKey,
            Metadata = Metadata ?? [],
        };
    }

    /// <summary>What is learned, and how.</summary>
    internal sealed record MethodBody(string? Type, MethodSettings? Supervised, MethodSettings? Dpo);

    /// <summary>A method's settings.</summary>
    internal sealed record MethodSettings(Dictionary<string, JsonElement>? Hyperparameters);
}
