namespace Inference.Generation.Tests;

public class StopTextScannerTests
{
    [Theory]
    [InlineData("hello world", "lo w", "hel", "lo w")]
    [InlineData("hello world", "xyz", "hello world", null)]
    [InlineData("aaab", "aab", "a", "aab")]
    [InlineData("abcabd", "abd", "abc", "abd")]
    [InlineData("one\n\ntwo", "\n\n", "one", "\n\n")]
    [InlineData("abcd", "bc|abcd", "a", "bc")]
    [InlineData("abcd", "d|bcd", "a", "bcd")]
    [InlineData("ab", "ab", "", "ab")]
    [InlineData("almost sto", "stop", "almost sto", null)]
    [InlineData("mississippi", "ssip|issx", "missi", "ssip")]
    public void Every_way_to_cut_the_text_gives_the_same_answer(string text, string stops, string expected, string? found)
    {
        string[] list = stops.Split('|');
        for (int cuts = 0; cuts < 1 << (text.Length - 1); cuts++)
        {
            StopTextScanner scanner = new(list);
            string given = "";
            int start = 0;
            for (int end = 1; end <= text.Length; end++)
            {
                if (end < text.Length && (cuts & (1 << (end - 1))) == 0)
                    continue;
                given += scanner.Push(text[start..end]);
                Assert.StartsWith(given, expected);
                start = end;
            }

            Assert.Equal(found, scanner.Found);
            Assert.Equal(expected, given + scanner.Flush());
        }
    }

    [Fact]
    public void No_more_is_held_back_than_may_become_a_stop_text()
    {
        StopTextScanner scanner = new(["abc"]);

        Assert.Equal("xx", scanner.Push("xxab"));
        Assert.Equal("abd", scanner.Push("da")[..3]);
        Assert.Equal("a", scanner.Flush());
    }
}
