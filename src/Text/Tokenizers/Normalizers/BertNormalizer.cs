using System.Globalization;
using System.Text;

namespace Inference.Text.Tokenizers.Normalizers;

/// <summary>
/// BERT's cleaning of text: control characters dropped and white space made spaces, Chinese characters set apart, accents stripped,
/// lower case; each by option. Source: google-research/bert, tokenization.py (BasicTokenizer).
/// </summary>
internal sealed class BertNormalizer(bool cleans, bool separatesChinese, bool stripsAccents, bool lowers) : INormalizer
{
    private static readonly StripAccentsNormalizer StripAccents = new();
    private static readonly UnicodeNormalizer Decompose = new(NormalizationForm.FormD);

    public string Apply(string text)
    {
        StringBuilder output = new(text.Length + 16);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (cleans && IsDropped(rune)) continue;
            bool isApart = separatesChinese && IsChinese(rune.Value);
            if (isApart) output.Append(' ');
            output.Append(cleans && Rune.IsWhiteSpace(rune) ? " " : rune.ToString());
            if (isApart) output.Append(' ');
        }

        string result = output.ToString();
        if (stripsAccents) result = StripAccents.Apply(Decompose.Apply(result));
        return lowers ? result.ToLowerInvariant() : result;
    }

    private static bool IsDropped(Rune rune) =>
        rune.Value is 0 or 0xFFFD || (rune.Value is not ('\t' or '\n' or '\r') && Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);

    // The blocks of Chinese characters; not Hangul, Hiragana and Katakana, which are written with spaces or handled as letters.
    private static bool IsChinese(int c) =>
        c is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
            or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B820 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
