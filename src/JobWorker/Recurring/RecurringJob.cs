using Inference.Training.FineTuning;

namespace Inference.JobWorker.Recurring;

/// <summary>A fine-tuning job that is submitted at each date of a cron expression.</summary>
public sealed record RecurringJob
{
    /// <summary>Its name, unique within the tenant.</summary>
    public string Name { get; init; } = "";

    /// <summary>When, in UTC: minute, hour, day of month, month, day of week. Empty: no more.</summary>
    public string Cron { get; init; } = "";

    /// <summary>Whose. Default: nobody's in particular.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>Name of the base model.</summary>
    public string Model { get; init; } = "";

    /// <summary>What is learned: Supervised (default) or Dpo.</summary>
    public FineTuningMethod Method { get; init; }

    /// <summary>The file to train on, under a root of the section "Datasets": read anew each time.</summary>
    public string TrainingPath { get; init; } = "";

    /// <summary>Name of the adapter, whose pointer moves to each new version.</summary>
    public string Adapter { get; init; } = "";

    /// <summary>Seed of initial values, shuffles and dropout. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>-1,000 to 1,000; higher runs sooner. Default 0.</summary>
    public int Priority { get; init; }

    /// <summary>What is asked for.</summary>
    public FineTuningHyperparameters Hyperparameters { get; init; } = new();
}
