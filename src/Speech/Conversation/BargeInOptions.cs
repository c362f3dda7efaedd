namespace Inference.Speech.Conversation;

/// <summary>When speech over the assistant's counts as an interruption.</summary>
public sealed record BargeInOptions
{
    /// <summary>Words that are no listening sounds, 1 to 10. <see cref="StopWords"/> need no company.</summary>
    public int MinWords { get; init; } = 2;

    /// <summary>Voice so long, at least, unless it is one of <see cref="StopWords"/>.</summary>
    public TimeSpan MinSpeech { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Words that interrupt by themselves, in lower case; of Chinese one character each. Default: <see cref="BargeInWords"/>, of all its languages.</summary>
    public IReadOnlySet<string> StopWords { get; init; } = BargeInWords.Stop(null);

    /// <summary>Words that say no more than that somebody listens. Default as above.</summary>
    public IReadOnlySet<string> ListeningSounds { get; init; } = BargeInWords.Listening(null);
}
