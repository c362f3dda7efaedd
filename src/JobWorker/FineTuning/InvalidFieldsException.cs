namespace Inference.JobWorker.FineTuning;

/// <summary>A request that cannot be done: each wrong field and why.</summary>
public sealed class InvalidFieldsException(IReadOnlyList<(string Field, string Description)> violations)
    : Exception(string.Join("; ", violations.Select(v => $"{v.Field}: {v.Description}")))
{
    /// <summary>One wrong field.</summary>
    public InvalidFieldsException(string field, string description)
        : this([(field, description)])
    {
    }

    /// <summary>At least one. Fields are named as in the gRPC contract.</summary>
    public IReadOnlyList<(string Field, string Description)> Violations { get; } = violations;
}
