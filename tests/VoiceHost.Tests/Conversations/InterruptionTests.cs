using Google.Protobuf.WellKnownTypes;
using Inference.Contracts.Speech.V1;
using Inference.Contracts.V1;
using static Inference.Contracts.Speech.V1.SpeakingChange.Types;

namespace Inference.VoiceHost.Tests.Conversations;

/// <summary>The user speaks while the host does.</summary>
public class InterruptionTests(ConversationFixture voice) : IClassFixture<ConversationFixture>
{
    private const string Question = "tell me about plants";
    private const string Lesson = "The quick brown fox jumps over the lazy dog near the old stone bridge, and then it sleeps under a tree all afternoon.";

    private static readonly Action<ConversationConfig> UnbrokenWords = c => c.Takeover = new TakeoverConfig { Within = new Duration { Seconds = 3 } };
    private static readonly TimeSpan Played = TimeSpan.FromSeconds(1.3);
    private static readonly int Second = ConversationFixture.Rate * sizeof(short);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Words_stop_the_answer_and_its_writing_and_what_was_not_heard_is_not_in_the_context(bool isAcknowledged)
    {
        await using TestConversation conversation = voice.Converse("and what do they eat");
        conversation.Ask(Question);
        long answer = (await conversation.WaitAsync(State.Started)).UtteranceId;
        await conversation.WaitAsync(r => r.Audio?.Start.ToTimeSpan() > TimeSpan.FromSeconds(1.4));
        if (isAcknowledged)
        {
            conversation.Send(new ConverseRequest { Playback = new Playback { UtteranceId = answer, Position = Duration.FromTimeSpan(Played) } });
        }

        await conversation.SayAsync(voice.Voice[..Second]);
        SpeakingChange stopped = await conversation.WaitAsync(State.Stopped);
        await conversation.WaitAsync(r => r.UserTurn?.Text == "and what do they eat");
        await conversation.WaitAsync(State.Started, s => s.Turn == 2);

        int stop = conversation.Responses.ToList().FindIndex(r => r.Speaking?.State == State.Stopped);
        string written = string.Concat(conversation.Responses.Select(r => r.AnswerDelta).Where(d => d?.Turn == 1).Select(d => d.Text));
        Assert.DoesNotContain(conversation.Responses.Skip(stop), r => r.Audio?.UtteranceId == answer || r.AnswerDelta?.Turn == 1);
        Assert.Equal(AnswerEnd.Types.Reason.Cancelled, (await conversation.WaitAsync(r => r.AnswerEnd is not null)).AnswerEnd.Reason);
        Assert.StartsWith(stopped.SpokenText, written);
        Assert.InRange(stopped.SpokenText.Length, 1, written.Length - 1);
        SpeakingAudio[] sent = [.. conversation.Responses.Select(r => r.Audio).Where(a => a?.UtteranceId == answer)];
        TimeSpan heard = isAcknowledged ? Played : sent[^1].Start.ToTimeSpan();
        SpeechMark[] words = [.. sent.SelectMany(a => a.Marks).Where(m => m.Kind == SpeechMark.Types.Kind.Word)];
        int whole = words.Count(w => w.Time.ToTimeSpan() <= heard) - 1;
        // By the clock a little less than what was sent, which is ahead by 0.2 s.
        Assert.InRange(stopped.SpokenText.Split(' ').Length, isAcknowledged ? whole : whole - 2, whole);
        Chat context = voice.Model.Requests.Last(r => r.Chat.Messages[0].Content == Question && r.Chat.Messages.Count == 3).Chat;
        Assert.Equal([("user", Question), ("assistant", stopped.SpokenText), ("user", "and what do they eat")], context.Messages.Select(m => (m.Role, m.Content)));
    }

    [Fact]
    public async Task A_user_who_goes_on_before_the_answer_is_heard_has_asked_one_question()
    {
        const string More = "and why is that";
        await using TestConversation conversation = voice.Converse($"{ScriptedModel.Endless}|{More}");
        await conversation.SayAsync(voice.Voice[..Second]);
        await conversation.WaitAsync(r => r.AnswerDelta is not null);

        await conversation.SayAsync(voice.Voice[..Second]);
        await conversation.WaitAsync(r => r.AnswerEnd is { Turn: 1, Reason: AnswerEnd.Types.Reason.Cancelled });
        await conversation.WaitAsync(r => r.AnswerDelta is { Turn: 2 });

        Chat context = voice.Model.Requests.Last(r => r.Chat.Messages[^1].Content.EndsWith(More, StringComparison.Ordinal)).Chat;
        Assert.Contains(context.Messages, m => m.Role == "user" && m.Content == $"{ScriptedModel.Endless}\n{More}");
    }

    [Theory]
    [InlineData("mhm")]
    [InlineData("")]
    public async Task Listening_sounds_and_coughs_change_nothing(string heard)
    {
        await using TestConversation conversation = voice.Converse(heard);
        conversation.Send(new ConverseRequest { Speak = new Speak { Text = Lesson } });
        await conversation.WaitAsync(State.Started);

        await conversation.SayAsync(voice.Voice[..(Second / 2)]);
        await conversation.WaitAsync(r => r.Transcript?.IsFinal == true);
        await Task.Delay(100);

        Assert.Equal([State.Queued, State.Started], conversation.States(1));
        Assert.DoesNotContain(conversation.Responses, r => r.UserTurn is { Ignored: false } || r.AnswerDelta is not null);
        Assert.Equal(heard.Length > 0, conversation.Responses.Any(r => r.UserTurn is { Ignored: true }));
    }

    [Fact]
    public async Task A_word_that_is_no_interruption_is_told_and_comes_before_the_next_turn()
    {
        await using TestConversation conversation = voice.Converse("chlorophyll|and why is that so");
        conversation.Ask(Question);
        await conversation.WaitAsync(State.Started);
        await conversation.SayAsync(voice.Voice[..(Second / 2)]);
        await conversation.WaitAsync(r => r.UserTurn is { Ignored: true, Text: "chlorophyll" });
        Assert.Equal([State.Queued, State.Started], conversation.States(1));

        await conversation.SayAsync(voice.Voice[..Second]);
        await conversation.WaitAsync(State.Started, s => s.Turn == 2);

        Assert.Contains(voice.Model.Requests, r => r.Chat.Messages[^1].Content == "chlorophyll\nand why is that so");
    }

    [Theory]
    [InlineData("no", null, true)]
    [InlineData("mhm", "mhm", true)]
    [InlineData("stop", "mhm", false)]
    public async Task A_word_of_the_list_interrupts_by_itself(string said, string? list, bool interrupts)
    {
        await using TestConversation conversation = voice.Converse(
            said, c => c.BargeIn = new BargeInConfig { StopWords = list is null ? null : new WordList { Words = { list } } });
        conversation.Ask(Question);
        await conversation.WaitAsync(State.Started);

        await conversation.SayAsync(voice.Voice[..(Second / 2)]);
        await conversation.WaitAsync(r => r.UserTurn?.Text == said);

        Assert.Equal(interrupts, conversation.States(1).Contains(State.Stopped));
        Assert.Equal(!interrupts, (await conversation.WaitAsync(r => r.UserTurn?.Text == said)).UserTurn.Ignored);
    }

    [Fact]
    public async Task Long_noise_pauses_at_a_word_and_what_was_said_goes_on_there()
    {
        await using TestConversation conversation = voice.Converse("", UnbrokenWords);
        conversation.Send(new ConverseRequest { Speak = new Speak { Text = Lesson, Manner = new SpeakingManner { Rate = 2 } } });
        await conversation.WaitAsync(State.Started);

        await conversation.SayAsync(voice.Voice[..(Second * 3 / 2)]);
        await conversation.WaitAsync(State.Resumed);
        await conversation.WaitAsync(State.Finished);

        Assert.Equal([State.Queued, State.Started, State.Paused, State.Resumed, State.Finished], conversation.States(1));
        Assert.Equal(await voice.SpeakAsync(Lesson, 0, speed: 2), conversation.Audio(1));
    }
}
