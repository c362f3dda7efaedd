using Inference.Speech.Synthesis;

namespace Inference.Speech.Tests.Synthesis;

public class SentenceSplitterTests
{
    [Theory]
    [InlineData("One. Two! Three?", "One.|Two!|Three?")]
    [InlineData("Pi is 3.14 or so. Yes.", "Pi is 3.14 or so.|Yes.")]
    [InlineData("Dr. Smith and J. Jones met Mr. X, e.g. on Monday. They left.", "Dr. Smith and J. Jones met Mr. X, e.g. on Monday.|They left.")]
    [InlineData("Am 3. Mai kam z.B. Frau Weiß. Gut.", "Am 3. Mai kam z.B. Frau Weiß.|Gut.")]
    [InlineData("He said \"Go.\" Then he left...and so on. ", "He said \"Go.\"|Then he left...and so on.")]
    [InlineData("你好。今天天气很好!“是吗?”我说。", "你好。|今天天气很好!“是吗?”我说。")]
    [InlineData("Line one\nline two", "Line one|line two")]
    [InlineData(" \n ", "")]
    public void A_text_is_split_at_its_sentences(string text, string sentences) =>
        Assert.Equal(sentences, string.Join('|', SentenceSplitter.Split(text).Select(r => text[r])));

    [Fact]
    public void A_beginning_gives_only_sentences_that_are_over() =>
        Assert.Equal(["One."], Texts("One. Two.", isComplete: false));

    [Fact]
    public void A_long_sentence_is_cut_without_losing_a_word()
    {
        string text = string.Join(' ', Enumerable.Range(0, 500).Select(i => $"word{i}"));

        string[] parts = Texts(text, isComplete: true);

        Assert.All(parts, p => Assert.InRange(p.Length, 1, SentenceSplitter.MaxLength));
        Assert.Equal(text, string.Join(' ', parts));
    }

    [Fact]
    public void A_text_without_spaces_is_cut_between_characters()
    {
        string text = "x" + string.Concat(Enumerable.Repeat("😀", 1000));

        string[] parts = Texts(text, isComplete: true);

        Assert.Equal(text, string.Concat(parts));
        Assert.All(parts, p => Assert.False(char.IsLowSurrogate(p[0])));
    }

    private static string[] Texts(string text, bool isComplete) => [.. SentenceSplitter.Split(text, isComplete).Select(r => text[r])];
}
