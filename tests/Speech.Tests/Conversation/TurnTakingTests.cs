using Inference.Speech.Conversation;
using Inference.Speech.Synthesis;

namespace Inference.Speech.Tests.Conversation;

public class TurnTakingTests
{
    [Theory]
    [InlineData("", 2000, false)]
    [InlineData("Mhm.", 900, false)]
    [InlineData("yeah, okay", 900, false)]
    [InlineData("嗯,对", 900, false)]
    [InlineData("what about", 500, true)]
    [InlineData("what about", 100, false)]
    [InlineData("Stop!", 100, true)]
    [InlineData("Moment mal", 100, true)]
    [InlineData("我想问", 500, true)]
    public void Words_interrupt_and_coughs_and_listening_sounds_do_not(string transcript, int milliseconds, bool expected) =>
        Assert.Equal(expected, BargeIn.IsInterruption(transcript, TimeSpan.FromMilliseconds(milliseconds), new BargeInOptions()));

    [Theory]
    [InlineData("What is seven times eight?", 0.4)]
    [InlineData("what is seven times eight", 0.8)]
    [InlineData("I think it is because", 2)]
    [InlineData("Ich glaube, und", 2)]
    [InlineData("Well...", 2)]
    [InlineData("你好。", 0.4)]
    public void A_turn_ends_sooner_after_a_complete_sentence(string transcript, double seconds)
    {
        TimeSpan needed = TurnEnd.SilenceNeeded(transcript, new TurnEndOptions());

        Assert.Equal(seconds, needed.TotalSeconds);
        Assert.True(TurnEnd.IsOver(transcript, needed, new TurnEndOptions()));
        Assert.False(TurnEnd.IsOver(transcript, needed - TimeSpan.FromMilliseconds(1), new TurnEndOptions()));
    }

    [Fact]
    public void Silence_without_words_ends_no_turn() => Assert.False(TurnEnd.IsOver(" ... ", TimeSpan.FromHours(1), new TurnEndOptions()));

    [Theory]
    [InlineData(0, "")]
    [InlineData(50, "")]
    [InlineData(100, "One")]
    [InlineData(150, "One")]
    [InlineData(200, "One two")]
    [InlineData(500, "One two")]
    public void What_was_heard_ends_with_the_last_whole_word(long samples, string expected)
    {
        SpeechMark[] marks = [new(SpeechMarkKind.Sentence, 0, 14, 0), new(SpeechMarkKind.Word, 0, 3, 0), new(SpeechMarkKind.Word, 4, 3, 100), new(SpeechMarkKind.Word, 8, 5, 200)];

        Assert.Equal(expected, HeardText.Of("One two three.", marks, samples));
        Assert.Equal("One two three.", HeardText.Of("One two three.", marks, samples, isEnd: true));
    }
}
