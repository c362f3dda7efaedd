namespace Inference.Training.FineTuning;

/// <summary>What a submission asks for; null leaves the choice to the trainer.</summary>
public sealed record FineTuningHyperparameters
{
    /// <summary>Passes over the data. 1 to 50.</summary>
    public int? Epochs { get; init; }

    /// <summary>Examples (or pairs) of a step. 1 to 256.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Peak of the learning rate. Above 0, at most 1.</summary>
    public float? LearningRate { get; init; }

    /// <summary>Multiplies the trainer's default learning rate. Above 0, at most 100; not together with <see cref="LearningRate"/>.</summary>
    public float? LearningRateMultiplier { get; init; }

    /// <summary>Share of the steps in which the learning rate rises. 0 to 1.</summary>
    public float? WarmupRatio { get; init; }

    /// <summary>Rank of the adapter. 1 to 256.</summary>
    public int? Rank { get; init; }

    /// <summary>The adapter's alpha. Above 0, at most 1024.</summary>
    public float? Alpha { get; init; }

    /// <summary>Dropout before the adapter. 0 to 0.99.</summary>
    public float? Dropout { get; init; }

    /// <summary>Modules that get an adapter, by whole names or suffixes after a dot, or "all-linear"; empty: the trainer's default.</summary>
    public IReadOnlyList<string> TargetModules { get; init; } = [];

    /// <summary>A regular expression for whole names of modules that get an adapter; not together with <see cref="TargetModules"/>.</summary>
    public string? TargetPattern { get; init; }

    /// <summary>Scale alpha / sqrt(rank) in place of alpha / rank.</summary>
    public bool UseRsLora { get; init; }

    /// <summary>Magnitudes apart from directions (DoRA).</summary>
    public bool UseDora { get; init; }

    /// <summary>Decoupled weight decay. 0 to 1.</summary>
    public float? WeightDecay { get; init; }

    /// <summary>Gradients are clipped to this norm. Above 0.</summary>
    public float? MaxGradientNorm { get; init; }

    /// <summary>Most tokens of an example; longer ones are cut. 8 to the model's context.</summary>
    public int? MaxSequenceLength { get; init; }

    /// <summary>End after so many steps, whatever <see cref="Epochs"/> says.</summary>
    public int? MaxSteps { get; init; }

    /// <summary>Steps between checkpoints.</summary>
    public int? CheckpointEvery { get; init; }

    /// <summary>Steps between evaluations.</summary>
    public int? EvaluateEvery { get; init; }

    /// <summary>Share of the training data that is held out where there is no validation data. 0 to 0.5.</summary>
    public float? ValidationShare { get; init; }

    /// <summary>Evaluations in a row without a better loss after which training ends; null: never.</summary>
    public int? EarlyStoppingPatience { get; init; }

    /// <summary>DPO's beta. Above 0, at most 10.</summary>
    public float? DpoBeta { get; init; }
}
