using Google.Protobuf.WellKnownTypes;
using Inference.ClientLib;
using Inference.Contracts.Speech.V1;
using Inference.Rpc;
using static Inference.Contracts.Speech.V1.SpeakingChange.Types;

namespace Inference.VoiceHost.Tests.Conversations;

/// <summary>Turns, from the user's to the host's, and what is refused.</summary>
public class ConversationTests(ConversationFixture voice) : IClassFixture<ConversationFixture>
{
    [Fact]
    public async Task Turns_in_text_are_answered_in_speech_and_remembered_and_a_failing_model_does_not_end_them()
    {
        await using TestConversation conversation = voice.Converse("", c => c.Manner = new SpeakingManner { Rate = 3 });
        conversation.Ask(ScriptedModel.Unanswerable);
        AnswerEnd failed = (await conversation.WaitAsync(r => r.AnswerEnd is not null)).AnswerEnd;
        conversation.Ask("hello");
        await conversation.WaitAsync(State.Finished, s => s.Turn == 2);
        conversation.Ask("again");
        await conversation.WaitAsync(State.Finished, s => s.Turn == 3);
        await conversation.EndAsync();

        Assert.Equal((AnswerEnd.Types.Reason.Failed, "there is no such model"), (failed.Reason, failed.Error));
        Assert.Equal(
            [("user", "fail\nhello"), ("assistant", "You said fail\nhello. "), ("user", "again")],
            voice.Model.Requests.Last().Chat.Messages.Select(m => (m.Role, m.Content)));
        SpeakingAudio[] audio = [.. conversation.Responses.Select(r => r.Audio).Where(a => a?.UtteranceId == 3)];
        string answer = string.Concat(conversation.Responses.Select(r => r.AnswerDelta).Where(d => d?.Turn == 3).Select(d => d.Text));
        Assert.Equal(["You", "said", "again"], audio.SelectMany(a => a.Marks).Where(m => m.Kind == SpeechMark.Types.Kind.Word)
            .Select(m => answer.Substring(m.TextOffset, m.TextLength).Trim('.')));
        TimeSpan at = TimeSpan.Zero;
        foreach (SpeakingAudio piece in audio)
        {
            Assert.InRange((piece.Start.ToTimeSpan() - at).Duration(), TimeSpan.Zero, TimeSpan.FromMilliseconds(0.1));
            at += TimeSpan.FromSeconds(piece.Audio.Length / 2.0 / piece.SampleRate);
        }
    }

    [Fact]
    public async Task A_pause_within_a_sentence_does_not_end_the_turn_and_the_times_of_its_parts_add_up()
    {
        await using TestConversation conversation = voice.Converse("what is|plants", c => c.TurnEnd = new TurnEndConfig
        {
            AfterSentence = Duration.FromTimeSpan(TimeSpan.FromSeconds(0.2)),
            AfterWords = Duration.FromTimeSpan(TimeSpan.FromSeconds(0.8)),
        });

        await conversation.SayAsync([.. voice.Voice[..16_000], .. new byte[12_800], .. voice.Voice[..16_000]]);
        TurnMetrics metrics = (await conversation.WaitAsync(r => r.Metrics is not null)).Metrics;

        Assert.Equal(["what is", "plants"], conversation.Responses.Where(r => r.Transcript is { IsFinal: true }).Select(r => r.Transcript.Text));
        Assert.Equal("what is plants", Assert.Single(conversation.Responses, r => r.UserTurn is not null).UserTurn.Text);
        Assert.Equal([true, false, true, false], conversation.Responses.Where(r => r.UserSpeech is not null).Select(r => r.UserSpeech.IsSpeaking));
        Assert.Equal(metrics.VoiceToVoice, metrics.EndOfUtterance + metrics.FirstToken + metrics.FirstAudio);
        Assert.True(metrics.EndOfUtterance.ToTimeSpan() >= TimeSpan.FromSeconds(0.75), metrics.ToString());
        Assert.True(metrics.Transcript.ToTimeSpan() < metrics.EndOfUtterance.ToTimeSpan());
    }

    [Fact]
    public async Task When_the_requests_end_the_last_words_are_still_answered()
    {
        await using TestConversation conversation = voice.Converse("hello");
        await conversation.SayAsync(voice.Voice[..32_000]);
        await conversation.EndAsync();

        Assert.Equal("You said hello. ", string.Concat(conversation.Responses.Select(r => r.AnswerDelta?.Text)));
        Assert.Equal(State.Finished, conversation.States(1)[^1]);
    }

    public static TheoryData<string, ConversationConfig> Wrong() => new()
    {
        { "mode", new ConversationConfig { Mode = (ConversationMode)9 } },
        { "voice", new ConversationConfig { Manner = new SpeakingManner { Voice = "nobody" } } },
        { "model", new ConversationConfig { Recognition = new RecognitionConfig { Model = "absent" } } },
        { "sample_rate", new ConversationConfig { SampleRate = 1 } },
        { "encoding", new ConversationConfig { Encoding = AudioEncoding.Wav } },
        { "audio_lead", new ConversationConfig { AudioLead = Duration.FromTimeSpan(TimeSpan.FromSeconds(3)) } },
        { "turn_end.after_words", new ConversationConfig { TurnEnd = new TurnEndConfig { AfterWords = new Duration() } } },
        { "barge_in.min_words", new ConversationConfig { BargeIn = new BargeInConfig { MinWords = 11 } } },
        { "barge_in.stop_words", new ConversationConfig { BargeIn = new BargeInConfig { StopWords = new WordList { Words = { new string('w', 65) } } } } },
        { "barge_in.listening_sounds", new ConversationConfig { BargeIn = new BargeInConfig { ListeningSounds = new WordList { Words = { Enumerable.Repeat("w", 101) } } } } },
        { "takeover.within", new ConversationConfig { Takeover = new TakeoverConfig { Within = new Duration { Seconds = 6 } } } },
        { "barge_in.pause_after", new ConversationConfig { BargeIn = new BargeInConfig { PauseAfter = new Duration { Seconds = 11 } } } },
        { "answer.max_tokens", new ConversationConfig { Answer = new AnswerConfig { MaxTokens = 257 } } },
        { "answer.temperature", new ConversationConfig { Answer = new AnswerConfig { Temperature = 3 } } },
        { "answer.priority", new ConversationConfig { Answer = new AnswerConfig { Priority = 101 } } },
        { "answer.model", new ConversationConfig { Answer = new AnswerConfig { Model = new string('m', 257) } } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_is_out_of_its_limits_is_named(string field, ConversationConfig config)
    {
        InvalidRequestException exception = await Assert.ThrowsAsync<InvalidRequestException>(() => ReadAsync(voice.Client.Speech.ConverseAsync(config, Nothing())));

        Assert.Equal(field, Assert.Single(exception.FieldViolations).Field);
    }

    [Fact]
    public async Task Requests_that_cannot_be_followed_are_refused_by_name_and_the_conversation_goes_on()
    {
        await using TestConversation conversation = voice.Converse();
        conversation.Ask("");
        conversation.Ask(new string('x', 8193));
        conversation.Control(SpeakingControl.Types.Action.Stop, 7);
        conversation.Control((SpeakingControl.Types.Action)9);
        conversation.Send(new ConverseRequest { TalkButton = new TalkButton { Pressed = true } });
        conversation.Send(new ConverseRequest { Playback = new Playback { UtteranceId = 7, Position = new Duration() } });
        conversation.Send(new ConverseRequest { Speak = new Speak { Tag = "a" } });
        conversation.Send(new ConverseRequest { Speak = new Speak { Text = "x", Manner = new SpeakingManner { Voice = "nobody" }, Tag = "b" } });
        conversation.Send(new ConverseRequest { Speak = new Speak { Text = "x", Priority = 101 } });
        conversation.Send(new ConverseRequest { Speak = new Speak { Ssml = "<speak><audio/></speak>" } });
        await conversation.EndAsync();

        Assert.Equal(
            [
                ("text", ""), ("text", ""), ("control.utterance_id", ""), ("control.action", ""), ("talk_button", ""), ("playback.utterance_id", ""),
                ("speak.input", "a"), ("speak.voice", "b"), ("speak.priority", ""), ("speak.ssml", ""),
            ],
            conversation.Responses.Select(r => (r.Refusal.Field, r.Refusal.Tag)));
    }

    [Theory]
    [InlineData(AudioEncoding.Flac, 1000)]
    [InlineData(AudioEncoding.Pcm16, (1 << 20) + 2)]
    public async Task Audio_that_cannot_be_read_ends_the_call_with_a_clear_error(AudioEncoding encoding, int bytes)
    {
        await using TestConversation conversation = voice.Converse("", c => c.Recognition.Encoding = encoding);
        conversation.Send(new ConverseRequest { Audio = Google.Protobuf.ByteString.CopyFrom(new byte[bytes]) });

        InvalidRequestException exception = await Assert.ThrowsAsync<InvalidRequestException>(() => conversation.WaitAsync(_ => false));

        Assert.Equal(("audio", StatusCode.InvalidArgument), (exception.FieldViolations[0].Field, exception.StatusCode));
    }

    private static async IAsyncEnumerable<ConverseRequest> Nothing()
    {
        await Task.CompletedTask;
        yield break;
    }

    private static async Task ReadAsync(IAsyncEnumerable<ConverseResponse> responses)
    {
        await foreach (ConverseResponse _ in responses)
        {
            Assert.Fail("nothing was to come");
        }
    }
}
