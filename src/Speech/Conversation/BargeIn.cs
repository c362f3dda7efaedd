namespace Inference.Speech.Conversation;

/// <summary>Tells an interruption from a cough (voice without words) and from listening sounds ("mhm", "ja", "嗯").</summary>
public static class BargeIn
{
    private static readonly HashSet<string> ListeningSounds = new(StringComparer.OrdinalIgnoreCase)
    {
        "mhm", "mm", "mmm", "hm", "hmm", "uh", "uhm", "um", "uh-huh", "huh", "ah", "aha", "oh", "yeah", "yep", "yes", "ok", "okay", "right", "sure",
        "ja", "jo", "genau", "ach", "so", "äh", "ähm", "嗯", "哦", "啊", "对", "好", "ừ", "ừm", "à", "ờ", "dạ", "vâng",
    };

    private static readonly HashSet<string> StopWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "stop", "wait", "no", "pause", "quiet", "halt", "stopp", "warte", "warten", "moment", "nein", "ruhe", "停", "等", "不", "dừng", "khoan", "đợi",
    };

    /// <summary>Whether the assistant must be silent now.</summary>
    /// <param name="transcript">What was recognised since the speech began; may be a partial result, and empty.</param>
    /// <param name="speech">How long there was voice.</param>
    /// <param name="options">The limits.</param>
    public static bool IsInterruption(string transcript, TimeSpan speech, BargeInOptions options)
    {
        IReadOnlyList<string> words = SpokenWords.Of(transcript);
        return words.Any(StopWords.Contains) || (speech >= options.MinSpeech && words.Count(w => !ListeningSounds.Contains(w)) >= options.MinWords);
    }
}
