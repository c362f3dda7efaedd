namespace Inference.Generation;

/// <summary>Runs the generations of one model, batched, on a thread of its own.</summary>
public sealed class LlmEngine : IAsyncDisposable
{
    private const string NotYet = "the engine's loop lands next; only its surface is here";

    /// <summary>The state at this moment, and the totals. Safe to read from any thread.</summary>
    public EngineStatistics Statistics => throw new NotSupportedException(NotYet);

    /// <summary>True once <see cref="DrainAsync"/> has begun.</summary>
    public bool IsDraining => throw new NotSupportedException(NotYet);

    internal KeyValuePair<string, object?> ModelTag => throw new NotSupportedException(NotYet);

    /// <summary>
    /// Runs a request. Text comes as soon as it is certain; a reader that falls behind gets several tokens in one
    /// update, and one that stops reading pauses its own request only. The last update has Usage and Timing.
    /// Cancelling, or leaving the enumeration, frees the request's blocks within one step; a cancelled stream ends
    /// with <see cref="FinishReason.Cancelled"/> rather than an exception. All exceptions come from MoveNextAsync.
    /// </summary>
    /// <exception cref="InvalidRequestException">The request cannot be carried out: every fault, with limit and value.</exception>
    /// <exception cref="QueueFullException">Too many requests wait.</exception>
    /// <exception cref="EngineDrainingException">The engine takes nothing new.</exception>
    /// <exception cref="GenerationFailedException">The request's step failed.</exception>
    public IAsyncEnumerable<GenerationUpdate> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException(NotYet);

    /// <summary>
    /// Refuses new requests and waits until those that wait or run have ended. What is left after
    /// <paramref name="timeout"/> is cancelled.
    /// </summary>
    public Task DrainAsync(TimeSpan timeout) => throw new NotSupportedException(NotYet);

    /// <summary>Cancels what is left, stops the thread and frees the KV cache.</summary>
    public ValueTask DisposeAsync() => throw new NotSupportedException(NotYet);

    internal KeyValuePair<string, object?>[] CacheTags() => throw new NotSupportedException(NotYet);
}
