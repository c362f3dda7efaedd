using Inference.Generation.Speculation;

namespace Inference.Generation.Tests.Speculation;

public class PromptLookupTests
{
    [Theory]
    [InlineData("abcdefg-abcd", 3, "efg")]
    [InlineData("abcdefg-abcd", 10, "efg-abcd")]
    [InlineData("xcdA.bcdB.xcdC.bcd", 1, "B")]
    [InlineData("cdA.cdB.cd", 1, "B")]
    [InlineData("aaaa", 4, "a")]
    [InlineData("abcdef", 4, "")]
    [InlineData("xd-yd", 4, "")]
    [InlineData("a", 4, "")]
    public void The_longest_tail_seen_before_is_followed_as_last_time(string tokens, int most, string expected) =>
        Assert.Equal(expected, Text(PromptLookup.Find([.. tokens.Select(c => (int)c)], most)));

    [Fact]
    public void No_more_is_guessed_than_the_answer_may_have()
    {
        Sequence sequence = new(0, 0, "abcdef-abcd".Select(c => (int)c)) { MaxDraft = 2 };
        new PromptLookup(8).Propose([sequence]);
        Assert.Equal("ef", Text(sequence.Draft.Span));

        sequence.MaxDraft = 0;
        new PromptLookup(8).Propose([sequence]);
        Assert.Equal("", Text(sequence.Draft.Span));
    }

    private static string Text(ReadOnlySpan<int> tokens) => string.Concat(tokens.ToArray().Select(t => (char)t));
}
