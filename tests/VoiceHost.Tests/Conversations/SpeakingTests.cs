using Google.Protobuf.WellKnownTypes;
using Inference.Contracts.Speech.V1;
using static Inference.Contracts.Speech.V1.SpeakingChange.Types;

namespace Inference.VoiceHost.Tests.Conversations;

/// <summary>The speaking queue over the wire: what is said beside the conversation, and its controls.</summary>
public class SpeakingTests(ConversationFixture voice) : IClassFixture<ConversationFixture>
{
    private const string Lesson = "The quick brown fox jumps over the lazy dog near the old stone bridge, and then it sleeps under a tree all afternoon.";

    [Fact]
    public async Task With_time_for_it_a_chat_interrupts_a_lesson_at_a_word_and_the_lesson_goes_on_there_and_no_sample_is_lost_or_said_twice()
    {
        List<SpeechMark> marks = [];
        byte[] lesson = await voice.SpeakAsync(Lesson, 0, marks, speed: 2);
        TimeSpan[] words = [.. marks.Where(m => m.Kind == SpeechMark.Types.Kind.Word).Select(m => m.Time.ToTimeSpan())];
        await using TestConversation conversation = voice.Converse("", c => c.Takeover = new TakeoverConfig { Within = new Duration { Seconds = 3 } });
        conversation.Send(new ConverseRequest { Speak = new Speak { Text = Lesson, Tag = "lesson", Manner = new SpeakingManner { Rate = 2 } } });
        await conversation.WaitAsync(r => r.Audio?.Start.ToTimeSpan() > TimeSpan.FromSeconds(1));

        conversation.Ask("hello");
        await conversation.WaitAsync(State.Finished, s => s.Tag == "lesson");

        SpeakingAudio[] audio = [.. conversation.Responses.Select(r => r.Audio).OfType<SpeakingAudio>()];
        Assert.Equal([1, 2, 1], audio.Select(a => a.UtteranceId).Where((id, i) => i == 0 || id != audio[i - 1].UtteranceId));
        Assert.Equal(lesson, conversation.Audio(1));
        Assert.Equal(await voice.SpeakAsync("You said hello.", 0), conversation.Audio(2));
        // The lesson stops where a word begins, and goes on with it.
        SpeakingChange paused = await conversation.WaitAsync(State.Paused);
        TimeSpan cut = paused.HeardUntil.ToTimeSpan();
        Assert.Equal(paused.HeardUntil, paused.ResumesAt);
        Assert.Contains(words, w => (w - cut).Duration() < TimeSpan.FromMilliseconds(0.1));
        // It was the first word after the chat's audio was there: that takes a few words of the model and a few milliseconds of synthesis.
        int asked = conversation.Responses.ToList().FindIndex(r => r.AnswerEnd is not null);
        TimeSpan said = conversation.Responses.Take(asked).Last(r => r.Audio is not null).Audio.Start.ToTimeSpan();
        Assert.InRange(words.Count(w => w > said && w < cut - TimeSpan.FromMilliseconds(1)), 0, 1);
        Assert.StartsWith(paused.SpokenText + " ", Lesson);
        Assert.Equal([State.Queued, State.Started, State.Paused, State.Resumed, State.Finished], conversation.States(1));
        Assert.Equal([State.Queued, State.Started, State.Finished], conversation.States(2));
    }

    [Fact]
    public async Task Each_control_changes_what_is_said_and_every_change_is_told()
    {
        await using TestConversation conversation = voice.Converse("", c => c.Manner = new SpeakingManner { Rate = 3 });
        conversation.Send(new ConverseRequest { Speak = new Speak { Text = Lesson, Tag = "first" } });
        conversation.Send(new ConverseRequest { Speak = new Speak { Text = Lesson, Tag = "second" } });
        await conversation.WaitAsync(State.Started);

        conversation.Control(SpeakingControl.Types.Action.Pause);
        await conversation.WaitAsync(State.Paused);
        conversation.Control(SpeakingControl.Types.Action.Resume);
        await conversation.WaitAsync(State.Resumed);
        conversation.Control(SpeakingControl.Types.Action.Skip);
        await conversation.WaitAsync(State.Started, s => s.Tag == "second");
        conversation.Control(SpeakingControl.Types.Action.Replay, 1);
        await conversation.WaitAsync(State.Queued, s => s.UtteranceId == 3);
        conversation.Control(SpeakingControl.Types.Action.Stop, 2);
        await conversation.WaitAsync(State.Started, s => s.UtteranceId == 3);
        conversation.Control(SpeakingControl.Types.Action.Stop);
        await conversation.EndAsync();

        Assert.Equal([State.Queued, State.Started, State.Paused, State.Resumed, State.Stopped], conversation.States(1));
        Assert.Equal([State.Queued, State.Started, State.Stopped], conversation.States(2));
        Assert.Equal([State.Queued, State.Started, State.Stopped], conversation.States(3));
        Assert.Equal("first", conversation.Responses.First(r => r.Speaking?.UtteranceId == 3).Speaking.Tag);
        Assert.DoesNotContain(conversation.Responses, r => r.Refusal is not null);
    }
}
