using Inference.Contracts.Speech.V1;
using static Inference.Contracts.Speech.V1.SpeakingChange.Types;

namespace Inference.VoiceHost.Tests.Conversations;

/// <summary>Half duplex and push to talk.</summary>
public class ConversationModeTests(ConversationFixture voice) : IClassFixture<ConversationFixture>
{
    private static readonly int Second = ConversationFixture.Rate * sizeof(short);

    [Fact]
    public async Task Half_duplex_hears_nothing_while_it_speaks()
    {
        await using TestConversation conversation = voice.Converse("stop that please", c => c.Mode = ConversationMode.HalfDuplex);
        conversation.Send(new ConverseRequest { Speak = new Speak { Text = ScriptedModel.LongAnswer } });
        await conversation.WaitAsync(State.Started);

        await conversation.SayAsync(voice.Voice[..Second]);

        Assert.DoesNotContain(conversation.Responses, r => r.UserSpeech is not null || r.Transcript is not null);
        Assert.Equal([State.Queued, State.Started], conversation.States(1));
    }

    [Fact]
    public async Task Push_to_talk_hears_what_is_said_while_the_button_is_pressed_and_pressing_it_interrupts()
    {
        await using TestConversation conversation = voice.Converse("what is it", c => c.Mode = ConversationMode.PushToTalk);
        conversation.Ask("tell me about plants");
        await conversation.WaitAsync(State.Started);
        await conversation.SayAsync(voice.Voice[..(Second / 2)]);
        Assert.DoesNotContain(conversation.Responses, r => r.Transcript is not null || r.Speaking?.State == State.Stopped);

        conversation.Send(new ConverseRequest { TalkButton = new TalkButton { Pressed = true } });
        await conversation.WaitAsync(State.Stopped);
        await conversation.SayAsync(voice.Voice[..(Second / 2)]);
        conversation.Send(new ConverseRequest { TalkButton = new TalkButton() });

        await conversation.WaitAsync(r => r.UserTurn is { Turn: 2, Text: "what is it" });
        await conversation.WaitAsync(State.Started, s => s.Turn == 2);
    }
}
