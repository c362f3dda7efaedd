using System.Text.RegularExpressions;
using Inference.Jobs;
using Inference.JobWorker.Models;
using Inference.Models.Lora;
using Inference.Training.FineTuning;

namespace Inference.JobWorker.FineTuning;

/// <summary>Ranges of what a submission may say.</summary>
internal static class SubmissionRules
{
    private const int MaxSuffixLength = 64;
    private const int MaxTargetModules = 64;
    private const int MaxTargetPattern = 1000;
    private const int MaxMetadata = 16;
    private const int MaxMetadataKey = 64;
    private const int MaxMetadataValue = 512;

    /// <summary>Checks all but the files.</summary>
    /// <exception cref="InvalidFieldsException">Names each wrong field, its limit and its value.</exception>
    public static void Check(NewFineTuningJob job, BaseModel model)
    {
        List<(string, string)> faults = [.. Faults(job.Hyperparameters, job.Method, model)];
        if (TenantFault(job.Tenant) is { } tenantFault)
        {
            faults.Add(("tenant_id", tenantFault));
        }

        if (job.Hyperparameters.EarlyStoppingPatience is not null && job.ValidationFile is null && job.Hyperparameters.ValidationShare is null or 0)
        {
            faults.Add((Field("early_stopping_patience"), "needs a validation_file or a hyperparameters.validation_share: without, nothing is evaluated"));
        }

        if (job.Suffix is { } suffix && (suffix.Length > MaxSuffixLength || AdapterDirectory.Fault(suffix) is not null))
        {
            faults.Add(("suffix", $"must have 1 to {MaxSuffixLength} letters, digits, '-', '_' and '.', not begin with '.' and not be \"{AdapterDirectory.PointerName}\", not \"{Cut(suffix)}\""));
        }

        if (Math.Abs((long)job.Priority) > JobSubmission.MaxPriority)
        {
            faults.Add(("priority", $"must lie between {-JobSubmission.MaxPriority} and {JobSubmission.MaxPriority}, not {job.Priority}"));
        }

        if (job.SubmitKey is { } key && (key.Length > JobSubmission.MaxNameLength || key.Contains('\0')))
        {
            faults.Add(("submit_key", $"must have at most {JobSubmission.MaxNameLength} characters, none of them NUL, not {key.Length}"));
        }

        if (job.Metadata.Count > MaxMetadata)
        {
            faults.Add(("metadata", $"must have at most {MaxMetadata} entries, not {job.Metadata.Count}"));
        }

        faults.AddRange(job.Metadata.Where(m => m.Key.Length is 0 or > MaxMetadataKey || m.Value.Length > MaxMetadataValue).Select(m =>
            ("metadata", $"keys have 1 to {MaxMetadataKey} characters and values at most {MaxMetadataValue}, not \"{Cut(m.Key)}\"")));
        if (faults.Count > 0)
        {
            throw new InvalidFieldsException(faults);
        }
    }

    /// <summary>Checks hyperparameters alone.</summary>
    /// <exception cref="InvalidFieldsException">Names each wrong field, its limit and its value.</exception>
    public static void Check(FineTuningHyperparameters parameters, FineTuningMethod method, BaseModel model)
    {
        (string, string)[] faults = [.. Faults(parameters, method, model)];
        if (faults.Length > 0)
        {
            throw new InvalidFieldsException(faults);
        }
    }

    /// <summary>Why a name is no tenant's, or null.</summary>
    public static string? TenantFault(string tenant) => tenant.Length > JobSubmission.MaxNameLength || tenant.Contains('\0')
        ? $"must have at most {JobSubmission.MaxNameLength} characters, none of them NUL, not {tenant.Length}" : null;

    private static IEnumerable<(string Field, string Description)> Faults(FineTuningHyperparameters p, FineTuningMethod method, BaseModel model)
    {
        int mostTokens = Math.Min(model.Config.ContextLength, FineTuningOptions.MaxRows / (method == FineTuningMethod.Dpo ? 2 : 1));
        (string Name, bool IsGood, string Limit, object? Value)[] checks =
        [
            ("n_epochs", p.Epochs is null or (>= 1 and <= 50), "1 to 50", p.Epochs),
            ("batch_size", p.BatchSize is null or (>= 1 and <= 256), "1 to 256", p.BatchSize),
            ("learning_rate", p.LearningRate is null or (> 0 and <= 1), "above 0 and at most 1", p.LearningRate),
            ("learning_rate_multiplier", p.LearningRateMultiplier is null or (> 0 and <= 100), "above 0 and at most 100", p.LearningRateMultiplier),
            ("warmup_ratio", p.WarmupRatio is null or (>= 0 and <= 1), "0 to 1", p.WarmupRatio),
            ("rank", p.Rank is null or (>= 1 and <= 256), "1 to 256", p.Rank),
            ("alpha", p.Alpha is null or (> 0 and <= 1024), "above 0 and at most 1024", p.Alpha),
            ("dropout", p.Dropout is null or (>= 0 and <= 0.99f), "0 to 0.99", p.Dropout),
            ("weight_decay", p.WeightDecay is null or (>= 0 and <= 1), "0 to 1", p.WeightDecay),
            ("max_gradient_norm", p.MaxGradientNorm is null or (> 0 and <= 1e6f), "above 0 and at most 1000000", p.MaxGradientNorm),
            ("max_sequence_length", p.MaxSequenceLength is null || (p.MaxSequenceLength >= 8 && p.MaxSequenceLength <= mostTokens), mostTokens == model.Config.ContextLength ? $"8 to the model's context of {mostTokens}" : $"8 to {mostTokens}", p.MaxSequenceLength),
            ("max_steps", p.MaxSteps is null or >= 1, "at least 1", p.MaxSteps),
            ("checkpoint_every", p.CheckpointEvery is null or >= 1, "at least 1", p.CheckpointEvery),
            ("evaluate_every", p.EvaluateEvery is null or >= 1, "at least 1", p.EvaluateEvery),
            ("validation_share", p.ValidationShare is null or (>= 0 and <= 0.5f), "0 to 0.5", p.ValidationShare),
            ("early_stopping_patience", p.EarlyStoppingPatience is null or >= 1, "at least 1", p.EarlyStoppingPatience),
            ("dpo_beta", p.DpoBeta is null or (> 0 and <= 10), "above 0 and at most 10", p.DpoBeta),
        ];
        if (FineTunableBase.Fault(model.Config) is { } fault)
        {
            yield return ("model", $"\"{model.Name}\": {fault}");
        }

        foreach ((string name, _, string limit, object? value) in checks.Where(c => !c.IsGood))
        {
            yield return (Field(name), FormattableString.Invariant($"must be {limit}, not {value}"));
        }

        if (p.LearningRate is not null && p.LearningRateMultiplier is not null)
        {
            yield return (Field("learning_rate_multiplier"), "cannot be given together with learning_rate");
        }

        if (p.TargetModules.Count > MaxTargetModules || p.TargetModules.Any(m => m.Length is 0 or > 200))
        {
            yield return (Field("target_modules"), $"must have at most {MaxTargetModules} names of 1 to 200 characters, not {p.TargetModules.Count}");
        }
        else if (p.TargetPattern is not null && (p.TargetModules.Count > 0 || p.TargetPattern.Length > MaxTargetPattern))
        {
            yield return (Field("target_pattern"), p.TargetModules.Count > 0
                ? "cannot be given together with target_modules" : $"must have at most {MaxTargetPattern} characters, not {p.TargetPattern.Length}");
        }
        else if (TargetFault(p, method, model) is { } missing)
        {
            yield return (Field(p.TargetPattern is null ? "target_modules" : "target_pattern"), missing);
        }

        if (p.DpoBeta is not null && method != FineTuningMethod.Dpo)
        {
            yield return (Field("dpo_beta"), "is for the method dpo only");
        }
    }

    /// <summary>Why the model has no such layers, or null.</summary>
    private static string? TargetFault(FineTuningHyperparameters parameters, FineTuningMethod method, BaseModel model)
    {
        if (FineTunableBase.Fault(model.Config) is not null)
        {
            return null; // The model is at fault.
        }

        try
        {
            FineTuningOptions.From(SpecOf(parameters, method, model), model.Config, examples: 0).Lora.Resolve(model.Config);
            return null;
        }
        catch (Exception exception) when (exception is ArgumentException or RegexMatchTimeoutException)
        {
            return exception.Message;
        }
    }

    private static FineTuningSpec SpecOf(FineTuningHyperparameters parameters, FineTuningMethod method, BaseModel model) =>
        new() { BaseModel = model.Name, TrainingData = "", Method = method, Hyperparameters = parameters };

    private static string Field(string name) => "hyperparameters." + name;

    private static string Cut(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
