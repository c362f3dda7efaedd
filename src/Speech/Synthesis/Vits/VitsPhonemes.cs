using System.Text;
using System.Text.RegularExpressions;
using Inference.Speech.Synthesis.Espeak;

namespace Inference.Speech.Synthesis.Vits;

/// <summary>
/// A text's phonemes as Piper's voices were trained on them: espeak-ng's IPA clause by clause, each followed by the mark that ended
/// it. Each phoneme knows its word: words are also read one by one, and the two readings aligned.
/// </summary>
internal sealed partial class VitsPhonemes(EspeakPhonemizer espeak, string voice)
{
    // espeak-ng 1.51 reads the pinyin that it makes of characters as English letters, unless it is told that it is pinyin.
    private readonly string _voice = voice == "cmn" ? "cmn-latn-pinyin" : voice;

    /// <summary>Phonemes, and for each code unit the beginning of its word in the text.</summary>
    public async Task<(string Phonemes, IReadOnlyList<int> Offsets)> ReadAsync(VitsText text, CancellationToken cancellation)
    {
        IReadOnlyList<Range> words = text.Words();
        IReadOnlyList<IReadOnlyList<(string Phonemes, int End)>> read =
            await espeak.ReadAsync([text.Text, .. words.Select(word => text.Text[word])], _voice, cancellation);
        StringBuilder phonemes = new();
        List<int> offsets = [];
        int start = 0, word = 0;
        foreach ((string clause, int reached) in read[0])
        {
            int first = word, end = ClauseEnd(text.Text, start, reached);
            while (word < words.Count && words[word].Start.Value < end) word++;
            string ipa = LanguageSwitch().Replace(clause, "").Trim();
            string[] alone = [.. Enumerable.Range(first, word - first).Select(i => LanguageSwitch().Replace(string.Concat(read[i + 1].Select(c => c.Phonemes)), ""))];
            phonemes.Append(ipa);
            offsets.AddRange(WordAlignment.Align(ipa, alone).Select(i => alone.Length == 0 ? start : words[first + i].Start.Value));
            string mark = Mark(text.Text, start, end);
            phonemes.Append(mark);
            offsets.AddRange(Enumerable.Repeat(Math.Max(start, end - 1), mark.Length));
            start = end;
        }

        return (phonemes.ToString(), offsets);
    }

    /// <summary>espeak-ng has read on to the first character of the next clause, if there is one: that is not this clause's.</summary>
    private static int ClauseEnd(string text, int start, int reached)
    {
        int end = Math.Clamp(reached, start, text.Length);
        if (end == text.Length || end == start) return end;
        end -= char.IsLowSurrogate(text[end - 1]) ? 2 : 1;
        while (end > start && char.IsWhiteSpace(text[end - 1])) end--;
        return Math.Max(start, end);
    }

    /// <summary>What Piper writes for the mark at a clause's end: a pause within a sentence is followed by a space.</summary>
    private static string Mark(string text, int start, int end)
    {
        ReadOnlySpan<char> clause = text.AsSpan(start, Math.Max(start, end) - start).TrimEnd(" \t\r\n\"'”’»)]」』）");
        return clause.IsEmpty ? "" : clause[^1] switch
        {
            '.' or '。' or '．' or '…' => ".",
            '?' or '？' => "?",
            '!' or '！' => "!",
            ',' or '，' or '、' => ", ",
            ':' or '：' => ": ",
            ';' or '；' => "; ",
            _ => "",
        };
    }

    /// <summary>espeak-ng's remark that it reads a word in another language, such as "(en)".</summary>
    [GeneratedRegex(@"\([a-z-]+\)")]
    private static partial Regex LanguageSwitch();
}
