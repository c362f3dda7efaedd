using Inference.Text.Tokenizers;

namespace Inference.Text.Tests.Tokenizers;

public class WordPieceTests
{
    private static readonly string[] Vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "un", "##aff", "##able", "##a", "a", "uber", "!", "漢", "字", ".", "'s", "##s"];

    public static TheoryData<bool> FromGguf => new(false, true);

    [Theory]
    [MemberData(nameof(FromGguf))]
    public void A_word_is_its_longest_beginning_and_its_longest_continuations(bool gguf)
    {
        Assert.Equal([2, 4, 5, 6, 10, 3], Load(gguf).Encode("unaffable!"));
        Assert.Equal([4, 7], Load(gguf).Encode("una", addSpecialTokens: false));
    }

    [Theory]
    [MemberData(nameof(FromGguf))]
    public void A_word_that_cannot_be_covered_is_unknown_as_a_whole(bool gguf) =>
        Assert.Equal([8, 1, 8], Load(gguf).Encode("a unaffx a", addSpecialTokens: false));

    [Theory]
    [MemberData(nameof(FromGguf))]
    public void A_word_of_more_than_a_hundred_characters_is_unknown(bool gguf)
    {
        Assert.Equal(100, Load(gguf).Encode(new string('a', 100), addSpecialTokens: false).Length);
        Assert.Equal([1], Load(gguf).Encode(new string('a', 101), addSpecialTokens: false));
    }

    [Theory]
    [MemberData(nameof(FromGguf))]
    public void Case_accents_and_control_characters_are_dropped_and_chinese_characters_stand_apart(bool gguf) =>
        Assert.Equal([9, 8, 11, 12, 8], Load(gguf).Encode("ÜBER\u0000\u200D\tA漢字á", addSpecialTokens: false));

    [Fact]
    public void Words_come_back_with_a_space_between_and_none_before_marks()
    {
        Assert.Equal("unaffable a. a!", Load(gguf: false).Decode([4, 5, 6, 8, 13, 8, 10]));
        Assert.Equal("a's as", Load(gguf: false).Decode([8, 14, 8, 15]));
    }

    private static Tokenizer Load(bool gguf) =>
        gguf ? Tokenizer.FromGguf(SmallTokenizers.WordPieceGguf(Vocabulary)) : SmallTokenizers.Load(SmallTokenizers.WordPiece(Vocabulary));
}
