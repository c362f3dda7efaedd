using System.Globalization;

namespace Inference.Text.Tokenizers;

/// <summary>SentencePiece's spelling of a byte as a token: &lt;0x0A&gt;.</summary>
internal static class ByteFallbackSpelling
{
    public static string Of(byte value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");

    public static bool TryParse(ReadOnlySpan<byte> spelling, out byte value)
    {
        value = 0;
        return spelling.Length == 6 && spelling.StartsWith("<0x"u8) && spelling[5] == '>'
            && byte.TryParse(spelling[3..5], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
