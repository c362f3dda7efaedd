namespace Inference.Speech.Conversation;

/// <summary>Decides whether a speaker has finished: by silence, the shorter the more complete the sentence is.</summary>
public static class TurnEnd
{
    private static readonly HashSet<string> OpenWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "and", "or", "but", "because", "so", "if", "that", "the", "a", "an", "of", "to", "with", "um", "uh", "uhm", "well",
        "und", "oder", "aber", "weil", "dass", "wenn", "der", "die", "das", "ein", "eine", "mit", "zu", "von", "äh", "ähm", "also",
        "和", "或", "但", "因", "跟", "và", "hoặc", "nhưng", "vì", "của", "là", "thì",
    };

    /// <summary>The silence that ends the turn after these words; never before any word was said.</summary>
    public static TimeSpan SilenceNeeded(string transcript, TurnEndOptions options)
    {
        IReadOnlyList<string> words = SpokenWords.Of(transcript);
        string text = transcript.TrimEnd();
        return words.Count == 0 ? Timeout.InfiniteTimeSpan
            : text[^1] is '.' or '?' or '!' or '。' or '？' or '！' && !text.EndsWith("...", StringComparison.Ordinal) ? options.AfterSentence
            : text[^1] is ',' or '，' or '…' or '-' || text.EndsWith("...", StringComparison.Ordinal) || OpenWords.Contains(words[^1]) ? options.AfterOpenWord
            : options.AfterWords;
    }

    /// <summary>Whether the turn is over.</summary>
    public static bool IsOver(string transcript, TimeSpan silence, TurnEndOptions options) =>
        SilenceNeeded(transcript, options) is var needed && needed != Timeout.InfiniteTimeSpan && silence >= needed;
}
