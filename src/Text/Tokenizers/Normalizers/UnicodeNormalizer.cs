using System.Text;

namespace Inference.Text.Tokenizers.Normalizers;

/// <summary>NFC, NFD, NFKC or NFKD. A lone surrogate, which has no normal form, becomes U+FFFD first.</summary>
internal sealed class UnicodeNormalizer(NormalizationForm form) : INormalizer
{
    public string Apply(string text)
    {
        if (Ascii.IsValid(text)) return text;
        string valid = HasLoneSurrogate(text) ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) : text;
        return valid.Normalize(form);
    }

    private static bool HasLoneSurrogate(string text)
    {
        for (ReadOnlySpan<char> rest = text; !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out int used) != System.Buffers.OperationStatus.Done) return true;
            rest = rest[used..];
        }

        return false;
    }
}
