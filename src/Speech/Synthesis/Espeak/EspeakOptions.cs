namespace Inference.Speech.Synthesis.Espeak;

/// <summary>How espeak-ng is used.</summary>
public sealed record EspeakOptions
{
    /// <summary>Worker processes at most; each is started when it is first needed. 1 to 64.</summary>
    public int MaxProcesses { get; init; } = 2;

    /// <summary>The longest that a worker may take over one sentence before it is killed.</summary>
    public TimeSpan SentenceTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Seconds of audio of short sentences that are kept to be said again.</summary>
    public int CachedSeconds { get; init; } = 120;
}
