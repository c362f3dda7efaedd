namespace Inference.Jobs;

/// <summary>How an attempt failed.</summary>
/// <param name="Kind">Decides whether it is tried again.</param>
/// <param name="Message">For the user; cut to <see cref="MaxMessageLength"/> characters when it is stored.</param>
public sealed record JobFailure(FailureKind Kind, string Message)
{
    /// <summary>Longest message stored, in characters.</summary>
    public const int MaxMessageLength = 4_000;
}
