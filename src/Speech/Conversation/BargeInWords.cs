using System.Collections.Frozen;

namespace Inference.Speech.Conversation;

/// <summary>What people say over others, by language: to make them stop, and to show that they listen.</summary>
public static class BargeInWords
{
    private static readonly Dictionary<string, (string[] Stop, string[] Listening)> ByLanguage = new()
    {
        ["en"] = (
            ["stop", "wait", "no", "pause", "quiet", "hold", "enough"],
            ["yeah", "yep", "yes", "right", "sure", "oh", "uh", "uhm", "um", "uh-huh", "huh"]),
        ["de"] = (
            ["halt", "stopp", "warte", "warten", "moment", "nein", "ruhe", "pause", "genug"],
            ["ja", "jo", "genau", "ach", "so", "achso", "äh", "ähm", "klar"]),
        ["zh"] = (["停", "等", "不", "别"], ["嗯", "哦", "啊", "对", "好", "是"]),
        ["vi"] = (["dừng", "khoan", "đợi", "thôi", "không"], ["ừ", "ừm", "à", "ờ", "dạ", "vâng"]),
    };

    private static readonly string[] Everywhere = ["mhm", "mm", "mmm", "hm", "hmm", "ah", "aha", "ok", "okay"];

    /// <summary>Words that make the other stop.</summary>
    /// <param name="language">BCP 47, or a name that begins so; null, or one that is not known here: those of all languages.</param>
    public static IReadOnlySet<string> Stop(string? language) => Of(language, l => l.Stop, "stop");

    /// <summary>Words that only show that somebody listens.</summary>
    /// <inheritdoc cref="Stop"/>
    public static IReadOnlySet<string> Listening(string? language) => Of(language, l => l.Listening, Everywhere);

    /// <summary>Words as a set that takes capitals for small letters.</summary>
    public static IReadOnlySet<string> Set(IEnumerable<string> words) => words.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static IReadOnlySet<string> Of(
        string? language, Func<(string[] Stop, string[] Listening), string[]> choose, params string[] everywhere) =>
        Set((ByLanguage.TryGetValue(language?.Split('-')[0].ToLowerInvariant() ?? "", out (string[], string[]) known) ? choose(known)
            : ByLanguage.Values.SelectMany(choose)).Concat(everywhere));
}
