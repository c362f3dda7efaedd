namespace Inference.Speech.Conversation;

/// <summary>Silences after which a speaker's turn is over.</summary>
public sealed record TurnEndOptions
{
    /// <summary>After a complete sentence.</summary>
    public TimeSpan AfterSentence { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>After words that may be a sentence or not.</summary>
    public TimeSpan AfterWords { get; init; } = TimeSpan.FromMilliseconds(800);

    /// <summary>After a word that asks for more: "and", "because", "um".</summary>
    public TimeSpan AfterOpenWord { get; init; } = TimeSpan.FromSeconds(2);
}
