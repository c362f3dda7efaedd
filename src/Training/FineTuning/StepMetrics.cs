namespace Inference.Training.FineTuning;

/// <summary>The numbers of a step. A step that is made again after a resume has the same ones, but for speed and memory.</summary>
public sealed record StepMetrics
{
    /// <summary>Steps made, this one included.</summary>
    public required int Step { get; init; }

    /// <summary>Steps of the whole run.</summary>
    public required int TotalSteps { get; init; }

    /// <summary>Passes over the data made, as a fraction.</summary>
    public required double Epoch { get; init; }

    /// <summary>Mean weighted loss by token in nats; for DPO by pair.</summary>
    public required double Loss { get; init; }

    /// <summary>Share of the learned tokens that were the likeliest ones; for DPO of the pairs whose chosen answer gained more than the rejected one.</summary>
    public required double Accuracy { get; init; }

    /// <summary>The step's learning rate.</summary>
    public required float LearningRate { get; init; }

    /// <summary>Norm of the gradients before clipping.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>Input tokens since the run began, those before a resume included.</summary>
    public required long Tokens { get; init; }

    /// <summary>Input tokens of the step by second.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Memory of the process in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Mean loss on the validation data, where the step was followed by an evaluation.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>Like <see cref="Accuracy"/>, on the validation data.</summary>
    public double? ValidationAccuracy { get; init; }

    /// <summary>The numbers by the names that TRL and OpenAI use.</summary>
    public IReadOnlyDictionary<string, double> ToNames(FineTuningMethod method)
    {
        bool pairs = method == FineTuningMethod.Dpo;
        string accuracy = pairs ? "reward_accuracy" : "mean_token_accuracy";
        Dictionary<string, double> values = new()
        {
            ["train_loss"] = Loss,
            [accuracy] = Accuracy,
            ["learning_rate"] = LearningRate,
            ["grad_norm"] = GradientNorm,
            ["epoch"] = Epoch,
            ["num_tokens"] = Tokens,
            ["tokens_per_second"] = TokensPerSecond,
            ["memory_bytes"] = MemoryBytes,
        };
        if (ValidationLoss is double loss)
        {
            values["valid_loss"] = loss;
            values["valid_" + accuracy] = ValidationAccuracy ?? 0;
        }

        return values;
    }
}
