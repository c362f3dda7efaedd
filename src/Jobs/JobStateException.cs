namespace Inference.Jobs;

/// <summary>The job's state does not allow the request.</summary>
public sealed class JobStateException(long id, JobState from, JobState to)
    : Exception($"job {id} is {from.ToText()}, which cannot become {to.ToText()}")
{
    /// <summary>The job.</summary>
    public long Id { get; } = id;

    /// <summary>The state it is in.</summary>
    public JobState From { get; } = from;

    /// <summary>The state asked for.</summary>
    public JobState To { get; } = to;
}
