namespace Inference.Generation;

/// <summary>A request that cannot be carried out as it is. INVALID_ARGUMENT, HTTP 400.</summary>
public sealed class InvalidRequestException(IReadOnlyList<FieldViolation> violations)
    : Exception(string.Join("; ", violations.Select(v => $"{v.Field}: {v.Description}")))
{
    /// <summary>Makes the exception of a single fault.</summary>
    public InvalidRequestException(string field, string description)
        : this([new FieldViolation(field, description)])
    {
    }

    /// <summary>Every fault that was found.</summary>
    public IReadOnlyList<FieldViolation> Violations { get; } = violations;
}
