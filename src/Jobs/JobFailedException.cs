namespace Inference.Jobs;

/// <summary>Thrown by a job's handler to say how it failed. Any other exception counts as <see cref="FailureKind.Transient"/>.</summary>
public sealed class JobFailedException(FailureKind kind, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>Decides whether the job is tried again.</summary>
    public FailureKind Kind { get; } = kind;
}
