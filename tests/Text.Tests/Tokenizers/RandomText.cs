using FsCheck;
using FsCheck.Fluent;

namespace Inference.Text.Tests.Tokenizers;

/// <summary>Texts for property tests: letters, digits, marks, every kind of white space, many scripts, lone and paired surrogates.</summary>
internal static class RandomText
{
    private static readonly string[] Units =
    [
        "a", "b", "B", "s", "S", "t", "re", "LL", "'", "'s", "'S", "'re", "'\u017F", "ä", "é", "e\u0301", "ß", "п", "Я", "ǅ", "ʰ", "\u0301", "漢", "字", "ក", "ា", "\u00A0",
        " ", " ", "  ", "\t", "\n", "\r", "\r\n", "\u0085", "\u2028", "\u3000", "\u200D", "0", "1", "12", "1234", "½", "٣", "Ⅷ", ".", ",", "!", "?", "...", "/", "-", "\u0001",
        "_", "+", "=", "<|", "|>", "▁", "😁", "𝒜", "𐐀", "𝟘", "\uD83D", "\uDE00", "\uFFFD", "\0", "\u0378",
    ];

    public static Arbitrary<string> Any { get; } = Of(Units);

    /// <summary>Without surrogates, so that .NET's Regex sees the same characters.</summary>
    public static Arbitrary<string> BasicPlane { get; } = Of([.. Units.Where(u => !u.Any(char.IsSurrogate))]);

    private static Arbitrary<string> Of(string[] units) => Arb.From(Gen.Elements(units).ArrayOf().Select(string.Concat));
}
