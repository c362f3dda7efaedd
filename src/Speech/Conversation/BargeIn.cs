namespace Inference.Speech.Conversation;

/// <summary>Tells an interruption from a cough (voice without words) and from listening sounds ("mhm", "ja", "嗯").</summary>
public static class BargeIn
{
    /// <summary>Whether the assistant must be silent now.</summary>
    /// <param name="transcript">What was recognised since the speech began; may be a partial result, and empty.</param>
    /// <param name="speech">How long there was voice.</param>
    /// <param name="options">The limits.</param>
    public static bool IsInterruption(string transcript, TimeSpan speech, BargeInOptions options)
    {
        IReadOnlyList<string> words = SpokenWords.Of(transcript);
        return words.Any(options.StopWords.Contains)
            || (speech >= options.MinSpeech && words.Count(w => !options.ListeningSounds.Contains(w)) >= options.MinWords);
    }

    /// <summary>Whether it says more than that somebody listens.</summary>
    public static bool HasWords(string transcript, BargeInOptions options) =>
        SpokenWords.Of(transcript).Any(w => !options.ListeningSounds.Contains(w));
}
