using System.Globalization;
using Class = Inference.Text.Tokenizers.PreTokenizers.Scanners.CodePoint.Class;

namespace Inference.Text.Tokenizers.PreTokenizers.Scanners;

/// <summary>
/// The pattern of GPT-4o (o200k) and of Mistral's Tekken (<see cref="PatternFor"/>), written out: linear in the text, every code point
/// is in some match. Words are cut where a lower case letter is followed by an upper case one; marks belong to words.
/// </summary>
internal sealed class CasedWordScanner(int maxDigits, bool contractions) : Scanner
{
    private const string Prefix = @"[^\r\n\p{L}\p{N}]?";
    private const string Upper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]";
    private const string Lower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]";

    /// <summary>The pattern with a quantifier for digits, and whether contractions belong to the word before them.</summary>
    public static string PatternFor(string digits, bool contractions)
    {
        string suffix = contractions ? "(?i:'s|'t|'re|'ve|'m|'ll|'d)?" : "";
        return $@"{Prefix}{Upper}*{Lower}+{suffix}|{Prefix}{Upper}+{Lower}*{suffix}|\p{{N}}{digits}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    }

    protected override bool TryNext(ReadOnlySpan<char> text, int start, out int matchStart, out int matchLength)
    {
        matchStart = start;
        matchLength = start < text.Length ? End(text, start) - start : 0;
        return matchLength > 0;
    }

    private int End(ReadOnlySpan<char> text, int start)
    {
        int first = CodePoint.At(text, start, out int length);
        if (first is not ('\r' or '\n'))
        {
            Class kind = CodePoint.ClassOf(first);
            if (kind == Class.Number) return CodePoint.SkipClass(text, start, Class.Number, maxDigits);
            int word = kind == Class.Letter ? start : start + length;
            bool isMark = CaseAt(text, start, out _) == Case.Uncased && kind == Class.Other;
            int end = Word(text, word, out bool isLower);
            // A mark that only upper case follows is a word of the first alternative by itself.
            if (isMark && !isLower) return Word(text, start, out _);
            if (end > 0) return end;
            if (kind == Class.Other) return Marks(text, start);
            if (first == ' ' && CodePoint.At(text, word, out _) is var next and >= 0 && CodePoint.ClassOf(next) == Class.Other) return Marks(text, word);
        }

        int newline = text[start..CodePoint.SkipClass(text, start, Class.Space)].LastIndexOfAny('\r', '\n');
        return newline >= 0 ? start + newline + 1 : Gpt2Scanner.Spaces(text, start);
    }

    // The first alternative, which needs something lower case or uncased at its end, else the second; 0 where there is no word.
    private int Word(ReadOnlySpan<char> text, int start, out bool isLower)
    {
        int upperEnd = start, lastUncased = -1;
        for (; CaseAt(text, upperEnd, out int length) is var c and (Case.Upper or Case.Uncased); upperEnd += length)
        {
            if (c == Case.Uncased) lastUncased = upperEnd + length;
        }

        int end = upperEnd;
        while (CaseAt(text, end, out int length) is Case.Lower or Case.Uncased) end += length;
        isLower = end > upperEnd || lastUncased >= 0;
        if (end == upperEnd && lastUncased >= 0) end = lastUncased;
        if (end == start) return 0;
        return contractions ? end + Gpt2Scanner.Contraction(text[end..], ignoreCase: true) : end;
    }

    private static int Marks(ReadOnlySpan<char> text, int start)
    {
        int end = CodePoint.SkipClass(text, start, Class.Other);
        while (end < text.Length && text[end] is '\r' or '\n' or '/') end++;
        return end;
    }

    private enum Case
    {
        None,
        Upper,
        Lower,
        Uncased,
    }

    private static Case CaseAt(ReadOnlySpan<char> text, int index, out int length)
    {
        int c = CodePoint.At(text, index, out length);
        if (c < 128) return c is >= 'a' and <= 'z' ? Case.Lower : c is >= 'A' and <= 'Z' ? Case.Upper : Case.None;
        return CharUnicodeInfo.GetUnicodeCategory(c) switch
        {
            UnicodeCategory.LowercaseLetter => Case.Lower,
            UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => Case.Upper,
            UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => Case.Uncased,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => Case.Uncased,
            _ => Case.None,
        };
    }
}
