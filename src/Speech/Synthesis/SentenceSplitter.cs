using System.Globalization;

namespace Inference.Speech.Synthesis;

/// <summary>Finds sentences, so that speech begins before a long text is read: full stops of abbreviations, ordinals and decimals end none.</summary>
public static class SentenceSplitter
{
    /// <summary>A sentence that is longer is cut at a clause, or at a space.</summary>
    public const int MaxLength = 400;

    private static readonly HashSet<string> Abbreviations = new(StringComparer.OrdinalIgnoreCase)
    {
        "mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "vs", "e.g", "i.e", "cf", "no", "fig", "approx", "inc", "ltd", "gen", "col", "sgt",
        "z.b", "d.h", "u.a", "bzw", "ca", "nr", "hr", "fr", "abb", "vgl", "str", "evtl", "ggf", "inkl", "sog", "bspw", "mme", "sra", "ing", "tp", "ths",
    };

    /// <summary>The sentences' ranges in UTF-16 code units, in order, white space around them left out.</summary>
    /// <param name="text">Any length.</param>
    /// <param name="isComplete">False for the beginning of a text that is still being written: what may go on is not returned.</param>
    public static IReadOnlyList<Range> Split(string text, bool isComplete = true)
    {
        List<Range> sentences = [];
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (!EndsSentence(text, i, start, isComplete, out int end)) continue;
            Add(text, start, end, sentences);
            start = end;
            i = end - 1;
        }

        if (isComplete) Add(text, start, text.Length, sentences);
        return sentences;
    }

    private static bool EndsSentence(string text, int at, int start, bool isComplete, out int end)
    {
        char c = text[at];
        end = at + 1;
        if (c == '\n') return true;
        if (c is '。' or '！' or '？' or '．')
        {
            end = AfterClosing(text, end);
            return true;
        }

        if (c is not ('.' or '!' or '?' or '…')) return false;
        while (end < text.Length && text[end] is '.' or '!' or '?' or '…') end++;
        bool isSingleStop = c == '.' && end == at + 1;
        end = AfterClosing(text, end);
        if (end == text.Length) return isComplete;
        if (!char.IsWhiteSpace(text[end])) return false;
        return !isSingleStop || !IsAbbreviation(text.AsSpan(start, at - start), NextLetter(text, end));
    }

    private static bool IsAbbreviation(ReadOnlySpan<char> before, char next)
    {
        int from = before.Length;
        while (from > 0 && !char.IsWhiteSpace(before[from - 1]) && before[from - 1] is not ('(' or '"')) from--;
        ReadOnlySpan<char> word = before[from..];
        if (word.Length == 0 || char.IsLower(next)) return true;
        // "3. Mai" and "J. Smith"; a number at a sentence's end is at worst said in one breath with the next sentence.
        bool isOrdinal = word.Length <= 2 && word.IndexOfAnyExceptInRange('0', '9') < 0;
        return isOrdinal || (word.Length == 1 && char.IsUpper(word[0]) && word[0] != 'I')
            || Abbreviations.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word);
    }

    private static char NextLetter(string text, int from)
    {
        while (from < text.Length && char.IsWhiteSpace(text[from])) from++;
        return from < text.Length ? text[from] : '\0';
    }

    private static int AfterClosing(string text, int end)
    {
        while (end < text.Length && (text[end] is '"' or '\'' or '”' or '’' or '」' or '』' or '）'
            || CharUnicodeInfo.GetUnicodeCategory(text[end]) is UnicodeCategory.ClosePunctuation or UnicodeCategory.FinalQuotePunctuation)) end++;
        return end;
    }

    private static void Add(string text, int start, int end, List<Range> sentences)
    {
        while (end - start > MaxLength)
        {
            int cut = Cut(text, start);
            AddTrimmed(text, start, cut, sentences);
            start = cut;
        }

        AddTrimmed(text, start, end, sentences);
    }

    private static int Cut(string text, int start)
    {
        int limit = start + MaxLength, floor = start + (MaxLength / 2);
        int cut = text.LastIndexOfAny([',', ';', ':', '，', '；', '、', '：'], limit - 1, limit - floor);
        if (cut < 0) cut = text.LastIndexOf(' ', limit - 1, limit - floor);
        if (cut >= 0) return cut + 1;
        return char.IsHighSurrogate(text[limit - 1]) ? limit - 1 : limit;
    }

    private static void AddTrimmed(string text, int start, int end, List<Range> sentences)
    {
        while (start < end && char.IsWhiteSpace(text[start])) start++;
        while (end > start && char.IsWhiteSpace(text[end - 1])) end--;
        if (end > start) sentences.Add(start..end);
    }
}
