using Inference.Speech.Recognition;

namespace Inference.Speech.Tests.Recognition;

public sealed class LocalAgreementTests
{
    private readonly LocalAgreement _agreement = new();

    [Fact]
    public void Words_are_committed_when_two_passes_agree()
    {
        _agreement.Add(["what", "is", "sev"]);
        Assert.Empty(_agreement.Committed);
        Assert.Equal(["what", "is", "seven", "times"], _agreement.Add(["what", "is", "seven", "times"]));
        Assert.Equal(["what", "is"], _agreement.Committed);
        _agreement.Add(["what", "is", "seven", "times", "eight"]);
        Assert.Equal(["what", "is", "seven", "times"], _agreement.Committed);
    }

    [Fact]
    public void Committed_words_stay_when_a_later_pass_disagrees()
    {
        _agreement.Add(["one", "two"]);
        _agreement.Add(["one", "two"]);
        Assert.Equal(["one", "two", "four"], _agreement.Add(["on", "too", "four"]));
        Assert.Equal(["one", "two", "four"], _agreement.Finish(["on", "too", "four"]));
    }

    [Fact]
    public void Case_and_punctuation_are_no_disagreement()
    {
        _agreement.Add(["Hello", "world"]);
        _agreement.Add(["hello,", "world."]);
        Assert.Equal(["hello,", "world."], _agreement.Committed);
    }

    [Fact]
    public void A_shorter_last_pass_takes_nothing_back()
    {
        _agreement.Add(["a", "b"]);
        _agreement.Add(["a", "b", "c"]);
        Assert.Equal(["a", "b"], _agreement.Finish(["a"]));
    }
}
