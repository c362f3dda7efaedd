using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.JobWorker.FineTuning;
using Inference.Training.FineTuning;

namespace Inference.JobWorker.OpenAi;

/// <summary>Hyperparameters by name: a value, or "auto", which is what is left out too. OpenAI's names, and those of the gRPC contract.</summary>
internal static class HyperparameterValues
{
    private const string Auto = "auto";

    /// <exception cref="InvalidFieldsException">A name is unknown or a value of a wrong type.</exception>
    public static FineTuningHyperparameters Read(IReadOnlyDictionary<string, JsonElement>? values)
    {
        FineTuningHyperparameters p = new();
        foreach ((string name, JsonElement value) in values ?? new Dictionary<string, JsonElement>())
        {
            if (value.ValueKind == JsonValueKind.Null || (value.ValueKind == JsonValueKind.String && value.ValueEquals(Auto)))
            {
                continue;
            }

            p = name switch
            {
                "n_epochs" => p with { Epochs = Integer(name, value) },
                "batch_size" => p with { BatchSize = Integer(name, value) },
                "learning_rate" => p with { LearningRate = Number(name, value) },
                "learning_rate_multiplier" => p with { LearningRateMultiplier = Number(name, value) },
                "warmup_ratio" => p with { WarmupRatio = Number(name, value) },
                "rank" => p with { Rank = Integer(name, value) },
                "alpha" => p with { Alpha = Number(name, value) },
                "dropout" => p with { Dropout = Number(name, value) },
                "target_modules" when value.ValueKind == JsonValueKind.String => p with { TargetPattern = value.GetString() },
                "target_modules" => p with { TargetModules = Names(name, value) },
                "use_rslora" => p with { UseRsLora = Flag(name, value) },
                "use_dora" => p with { UseDora = Flag(name, value) },
                "weight_decay" => p with { WeightDecay = Number(name, value) },
                "max_gradient_norm" => p with { MaxGradientNorm = Number(name, value) },
                "max_sequence_length" => p with { MaxSequenceLength = Integer(name, value) },
                "max_steps" => p with { MaxSteps = Integer(name, value) },
                "checkpoint_every" => p with { CheckpointEvery = Integer(name, value) },
                "evaluate_every" => p with { EvaluateEvery = Integer(name, value) },
                "validation_share" => p with { ValidationShare = Number(name, value) },
                "early_stopping_patience" => p with { EarlyStoppingPatience = Integer(name, value) },
                "beta" or "dpo_beta" => p with { DpoBeta = Number(name, value) },
                _ => throw Fault(name, "is unknown"),
            };
        }

        return p;
    }

    /// <summary>What was asked for; OpenAI's three are always there.</summary>
    public static JsonObject Write(FineTuningHyperparameters p)
    {
        JsonObject body = new()
        {
            ["n_epochs"] = p.Epochs is { } epochs ? JsonValue.Create(epochs) : Auto,
            ["batch_size"] = p.BatchSize is { } size ? JsonValue.Create(size) : Auto,
            ["learning_rate_multiplier"] = p.LearningRateMultiplier is { } multiplier ? JsonValue.Create(multiplier) : Auto,
        };
        (string Name, float? Value)[] numbers =
        [
            ("learning_rate", p.LearningRate), ("warmup_ratio", p.WarmupRatio), ("rank", p.Rank), ("alpha", p.Alpha), ("dropout", p.Dropout),
            ("weight_decay", p.WeightDecay), ("max_gradient_norm", p.MaxGradientNorm), ("max_sequence_length", p.MaxSequenceLength),
            ("max_steps", p.MaxSteps), ("checkpoint_every", p.CheckpointEvery), ("evaluate_every", p.EvaluateEvery),
            ("validation_share", p.ValidationShare), ("early_stopping_patience", p.EarlyStoppingPatience), ("beta", p.DpoBeta),
        ];
        foreach ((string name, float? value) in numbers)
        {
            if (value is { } given)
            {
                body[name] = given;
            }
        }

        if (p.TargetPattern is { } pattern)
        {
            body["target_modules"] = pattern;
        }
        else if (p.TargetModules.Count > 0)
        {
            body["target_modules"] = new JsonArray([.. p.TargetModules.Select(m => JsonValue.Create(m))]);
        }

        foreach ((string name, bool value) in (ReadOnlySpan<(string, bool)>)[("use_rslora", p.UseRsLora), ("use_dora", p.UseDora)])
        {
            if (value)
            {
                body[name] = true;
            }
        }

        return body;
    }

    private static int Integer(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : throw Fault(name, "must be an integer or \"auto\"");

    private static float Number(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out float number) && float.IsFinite(number) ? number : throw Fault(name, "must be a number or \"auto\"");

    private static bool Flag(string name, JsonElement value) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Fault(name, "must be true or false");

    /// <summary>As PEFT reads it: an array of names; a text is a regular expression.</summary>
    private static string[] Names(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array when value.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String) => [.. value.EnumerateArray().Select(e => e.GetString()!)],
        _ => throw Fault(name, "must be a string or an array of strings"),
    };

    private static InvalidFieldsException Fault(string name, string reason) => new("hyperparameters." + name, reason);
}
