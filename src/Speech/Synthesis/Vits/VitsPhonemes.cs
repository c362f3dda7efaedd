using System.Text;
using System.Text.RegularExpressions;
using Inference.Speech.Synthesis.Espeak;

namespace Inference.Speech.Synthesis.Vits;

/// <summary>
/// A text's phonemes as Piper's voices were trained on them: espeak-ng's IPA clause by clause, each followed by the mark that ended
/// it. What the text wants pronounced otherwise parts it. Each phoneme knows its word: words are also read one by one, and the two readings aligned.
/// </summary>
internal sealed partial class VitsPhonemes(EspeakPhonemizer espeak, string voice)
{
    private const string ClauseMarks = " \t\r\n.,:;?!…。，、：；？！\"'”’»)]」』）";

    // espeak-ng 1.51 reads the pinyin that it makes of characters as English letters, unless it is told that it is pinyin.
    private readonly string _voice = voice == "cmn" ? "cmn-latn-pinyin" : voice;

    /// <summary>Phonemes, and for each code unit the beginning of its word in the text. What is pronounced otherwise stands in its place.</summary>
    public async Task<(string Phonemes, IReadOnlyList<int> Offsets)> ReadAsync(VitsText text, CancellationToken cancellation)
    {
        StringBuilder phonemes = new();
        List<int> offsets = [];
        int at = 0;
        foreach ((Range range, string ipa) in text.Pronunciations)
        {
            await ReadAsync(text, at..range.Start.Value, phonemes, offsets, cancellation);
            Add(ipa, range.Start.Value);
            at = range.End.Value;
        }

        await ReadAsync(text, at..text.Text.Length, phonemes, offsets, cancellation);
        return (phonemes.ToString(), offsets);

        void Add(string ipa, int offset)
        {
            string spaced = phonemes.Length > 0 && phonemes[^1] != ' ' ? " " + ipa : ipa;
            phonemes.Append(spaced);
            offsets.AddRange(Enumerable.Repeat(offset, spaced.Length));
        }
    }

    private async Task ReadAsync(VitsText whole, Range range, StringBuilder phonemes, List<int> offsets, CancellationToken cancellation)
    {
        (int origin, string text) = (range.Start.Value, whole.Text[range]);
        if (phonemes.Length > 0)
        {
            // espeak-ng passes over a mark before the first word.
            int lead = text.Length - text.AsSpan().TrimStart(ClauseMarks).Length;
            AddMark(0, lead);
            (origin, text) = (origin + lead, text[lead..]);
        }

        if (string.IsNullOrWhiteSpace(text)) return;
        IReadOnlyList<Range> words = VitsText.WordsOf(text);
        IReadOnlyList<IReadOnlyList<(string Phonemes, int End)>> read = await espeak.ReadAsync([text, .. words.Select(word => text[word])], _voice, cancellation);
        if (phonemes.Length > 0 && phonemes[^1] != ' ')
        {
            phonemes.Append(' ');
            offsets.Add(origin);
        }

        int start = 0, word = 0;
        foreach ((string clause, int reached) in read[0])
        {
            int from = word, end = ClauseEnd(text, start, reached);
            while (word < words.Count && words[word].Start.Value < end) word++;
            string ipa = LanguageSwitch().Replace(clause, "").Trim();
            string[] alone = [.. Enumerable.Range(from, word - from).Select(i => LanguageSwitch().Replace(string.Concat(read[i + 1].Select(c => c.Phonemes)), ""))];
            phonemes.Append(ipa);
            offsets.AddRange(WordAlignment.Align(ipa, alone).Select(i => origin + (alone.Length == 0 ? start : words[from + i].Start.Value)));
            AddMark(start, end);
            start = end;
        }

        void AddMark(int from, int to)
        {
            string mark = Mark(text, from, to);
            phonemes.Append(mark);
            offsets.AddRange(Enumerable.Repeat(origin + Math.Max(from, to - 1), mark.Length));
        }
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
