namespace Inference.Speech.Conversation;

/// <summary>When speech over the assistant's counts as an interruption.</summary>
public sealed record BargeInOptions
{
    /// <summary>Words that are no listening sounds, 1 to 10. "stop" and its like need no company.</summary>
    public int MinWords { get; init; } = 2;

    /// <summary>Voice so long, at least, unless it is a word like "stop".</summary>
    public TimeSpan MinSpeech { get; init; } = TimeSpan.FromMilliseconds(300);
}
