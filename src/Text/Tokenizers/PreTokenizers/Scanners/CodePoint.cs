using System.Globalization;

namespace Inference.Text.Tokenizers.PreTokenizers.Scanners;

/// <summary>Code points of UTF-16 text and the classes that pre-tokenizer patterns speak of. A lone surrogate is its own code point.</summary>
internal static class CodePoint
{
    public enum Class : byte
    {
        Other,
        Letter,
        Number,
        Space,
    }

    private static readonly Class[] Ascii = [.. Enumerable.Range(0, 128).Select(c => Classify(c))];

    /// <summary>The code point at <paramref name="index"/> and its length in UTF-16 units; (-1, 0) at the end.</summary>
    public static int At(ReadOnlySpan<char> text, int index, out int length)
    {
        length = 1;
        if ((uint)index >= (uint)text.Length)
        {
            length = 0;
            return -1;
        }

        char first = text[index];
        if (!char.IsHighSurrogate(first) || index + 1 >= text.Length || !char.IsLowSurrogate(text[index + 1])) return first;
        length = 2;
        return char.ConvertToUtf32(first, text[index + 1]);
    }

    /// <summary>\p{L}, \p{N}, \s or none of them.</summary>
    public static Class ClassOf(int codePoint) => (uint)codePoint < 128 ? Ascii[codePoint] : Classify(codePoint);

    /// <summary>The end of the run of <paramref name="wanted"/> that begins at <paramref name="index"/>; it has at most <paramref name="limit"/> code points.</summary>
    public static int SkipClass(ReadOnlySpan<char> text, int index, Class wanted, int limit = int.MaxValue)
    {
        for (; limit > 0 && At(text, index, out int length) is var c and >= 0 && ClassOf(c) == wanted; limit--) index += length;
        return index;
    }

    public static bool IsSpace(int codePoint) => codePoint is >= 0 and <= 0xFFFF && char.IsWhiteSpace((char)codePoint);

    /// <summary>\p{P}, or any of the ASCII marks that Rust calls punctuation.</summary>
    public static bool IsPunctuation(int codePoint) =>
        codePoint < 128
            ? codePoint is (>= '!' and <= '/') or (>= ':' and <= '@') or (>= '[' and <= '`') or (>= '{' and <= '~')
            : CharUnicodeInfo.GetUnicodeCategory(codePoint) is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation;

    /// <summary>\w: letters, marks, decimal digits, letter numbers and connectors.</summary>
    public static bool IsWord(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint)
        is <= UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation;

    private static Class Classify(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint) switch
    {
        <= UnicodeCategory.OtherLetter => Class.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Class.Number,
        _ => IsSpace(codePoint) ? Class.Space : Class.Other,
    };
}
