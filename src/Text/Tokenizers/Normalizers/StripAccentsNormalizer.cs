using System.Globalization;
using System.Text;

namespace Inference.Text.Tokenizers.Normalizers;

/// <summary>Drops nonspacing marks; letters lose their accents where the text was decomposed before.</summary>
internal sealed class StripAccentsNormalizer : INormalizer
{
    public string Apply(string text)
    {
        StringBuilder output = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark) output.Append(rune.ToString());
        }

        return output.ToString();
    }
}
