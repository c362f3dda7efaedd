using Inference.Text.Tokenizers;

namespace Inference.Text.Tests.Tokenizers;

/// <summary>Texts that would keep a quadratic tokenizer busy for hours; these tests end because ours is not.</summary>
public class LongTextTests
{
    private const int Length = 1 << 20;

    [Fact]
    public void A_megabyte_of_one_letter_is_merged()
    {
        Tokenizer tokenizer = SmallTokenizers.Load(SmallTokenizers.ByteLevel("a a", "aa aa", "aaaa aaaa"));

        int[] ids = tokenizer.Encode(new string('a', Length + 1));

        Assert.Equal((Length / 8) + 1, ids.Length);
        Assert.Equal((258, 'a'), (ids[0], ids[^1]));
    }

    [Fact]
    public void A_megabyte_without_pieces_is_merged()
    {
        Tokenizer tokenizer = SmallTokenizers.Load(SmallTokenizers.SentencePiece(["▁", "a", "aa", "▁▁"], ["a a", "▁ ▁"]));

        Assert.Equal((Length / 2) + 2, tokenizer.Encode(new string('a', Length) + "  ").Length);
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("\n \t")]
    [InlineData("'")]
    [InlineData("1a")]
    [InlineData("<|end|")]
    public void A_megabyte_of_what_patterns_look_back_on_is_encoded(string unit)
    {
        Tokenizer tokenizer = SmallTokenizers.Load(SmallTokenizers.AddToken(SmallTokenizers.ByteLevel(), 256, "<|end|>"));
        string text = string.Concat(Enumerable.Repeat(unit, Length / unit.Length)) + "x";

        Assert.Equal(text.Length, tokenizer.Encode(text, parseSpecial: true).Length);
    }
}
