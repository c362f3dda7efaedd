using System.Globalization;

namespace Inference.Text.Tokenizers.PreTokenizers.Scanners;

/// <summary>
/// Replaces each supplementary code point by one UTF-16 unit of the same Unicode category, from a script that no known pattern
/// names, so that a pattern over UTF-16 units sees one character of the right class.
/// </summary>
internal static class PlaneFolding
{
    /// <summary>The folded text, and for each of its positions (and its end) the offset in <paramref name="text"/>.</summary>
    public static (char[] Folded, int[] Offsets) Fold(ReadOnlySpan<char> text)
    {
        List<char> folded = new(text.Length);
        List<int> offsets = new(text.Length + 1);
        for (int i = 0; i < text.Length;)
        {
            offsets.Add(i);
            int codePoint = CodePoint.At(text, i, out int length);
            folded.Add(length == 2 ? Representative(CharUnicodeInfo.GetUnicodeCategory(codePoint)) : text[i]);
            i += length;
        }

        offsets.Add(text.Length);
        return ([.. folded], [.. offsets]);
    }

    /// <summary>A rarely used character of the Basic Multilingual Plane in <paramref name="category"/>.</summary>
    public static char Representative(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => '\uA7AA',
        UnicodeCategory.LowercaseLetter => '\uA7FA',
        UnicodeCategory.TitlecaseLetter => '\u1F88',
        UnicodeCategory.ModifierLetter => '\uA60C',
        UnicodeCategory.OtherLetter => '\uA500',
        UnicodeCategory.NonSpacingMark => '\u1DC4',
        UnicodeCategory.SpacingCombiningMark => '\u1B04',
        UnicodeCategory.EnclosingMark => '\uA670',
        UnicodeCategory.DecimalDigitNumber => '\uA620',
        UnicodeCategory.LetterNumber => '\uA6E6',
        UnicodeCategory.OtherNumber => '\uA835',
        UnicodeCategory.DashPunctuation => '\u2E3A',
        UnicodeCategory.OtherPunctuation => '\uA60D',
        UnicodeCategory.MathSymbol => '\u2A00',
        UnicodeCategory.CurrencySymbol => '\uA838',
        UnicodeCategory.ModifierSymbol => '\uA700',
        UnicodeCategory.OtherSymbol => '\u4DC0',
        UnicodeCategory.Format => '\uFFF9',
        UnicodeCategory.PrivateUse => '\uE000',
        _ => '\uFDD0',
    };
}
