namespace Inference.Generation.Adapters;

/// <summary>What requests of one adapter name did since the start. Any thread adds.</summary>
public sealed class AdapterUsage(string name)
{
    private long _requests;
    private long _promptTokens;
    private long _generationTokens;
    private int _waiting;
    private int _running;

    /// <summary>The name, with the version where one was asked for.</summary>
    public string Name { get; } = name;

    /// <summary>Requests that ended.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Their prompt tokens.</summary>
    public long PromptTokens => Interlocked.Read(ref _promptTokens);

    /// <summary>Their generated tokens.</summary>
    public long GenerationTokens => Interlocked.Read(ref _generationTokens);

    /// <summary>Requests that wait for their first step.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Requests that run.</summary>
    public int Running => Volatile.Read(ref _running);

    internal void Arrived() => Interlocked.Increment(ref _waiting);

    internal void Started()
    {
        Interlocked.Decrement(ref _waiting);
        Interlocked.Increment(ref _running);
    }

    internal void Ended(bool hadStarted, GenerationUsage usage)
    {
        if (hadStarted)
            Interlocked.Decrement(ref _running);
        else
            Interlocked.Decrement(ref _waiting);
        Interlocked.Increment(ref _requests);
        Interlocked.Add(ref _promptTokens, usage.PromptTokens);
        Interlocked.Add(ref _generationTokens, usage.CompletionTokens);
    }
}
