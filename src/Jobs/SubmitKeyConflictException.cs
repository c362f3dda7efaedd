namespace Inference.Jobs;

/// <summary>The submit key was used before, for another submission.</summary>
public sealed class SubmitKeyConflictException(string submitKey, long existingId)
    : Exception($"submit key '{submitKey}' belongs to job {existingId}, which differs in kind, payload, priority or slot kind")
{
    /// <summary>The job that has the key.</summary>
    public long ExistingId { get; } = existingId;
}
