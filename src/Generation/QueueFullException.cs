namespace Inference.Generation;

/// <summary>The waiting queue is at its limit. RESOURCE_EXHAUSTED, HTTP 429.</summary>
public sealed class QueueFullException(int limit, TimeSpan retryAfter)
    : Exception($"the queue holds its limit of {limit} waiting requests; retry after {retryAfter.TotalSeconds:0.0} s")
{
    /// <summary>Requests that may wait.</summary>
    public int Limit { get; } = limit;

    /// <summary>When it is worth trying again.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}
