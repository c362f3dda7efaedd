using Inference.Training.FineTuning;

namespace Inference.JobWorker.FineTuning;

/// <summary>A submission of either protocol, before it is checked.</summary>
public sealed record NewFineTuningJob
{
    /// <summary>Whose job.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>Name of the base model.</summary>
    public required string Model { get; init; }

    /// <summary>Id of the file to train on.</summary>
    public required string TrainingFile { get; init; }

    /// <summary>Id of the file to evaluate on, or null.</summary>
    public string? ValidationFile { get; init; }

    /// <summary>What is learned.</summary>
    public FineTuningMethod Method { get; init; }

    /// <summary>What is asked for.</summary>
    public FineTuningHyperparameters Hyperparameters { get; init; } = new();

    /// <summary>Name of the adapter, or null.</summary>
    public string? Suffix { get; init; }

    /// <summary>Seed of initial values, shuffles and dropout.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Higher runs sooner.</summary>
    public int Priority { get; init; }

    /// <summary>Makes the submission idempotent, or null.</summary>
    public string? SubmitKey { get; init; }

    /// <summary>For the client's own use.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}
