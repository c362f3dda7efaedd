using Inference.ClientLib;
using Inference.Contracts.Speech.V1;
using Xunit.Abstractions;
using static Inference.Contracts.Speech.V1.SpeakingChange.Types;

namespace Inference.VoiceHost.Tests.Conversations;

/// <summary>Many clients, well-behaved or not.</summary>
public class ManyConversationsTests(ConversationFixture voice, ITestOutputHelper output) : IClassFixture<ConversationFixture>
{
    private const int Conversations = 50;

    [Fact]
    public async Task Fifty_conversations_with_interruptions_disconnects_and_slow_readers_leave_nothing_behind()
    {
        await RunAsync(seed: 1, conversations: 8);
        long before = GC.GetTotalMemory(forceFullCollection: true);

        string[] outcomes = await RunAsync(seed: 2, Conversations);

        output.WriteLine(string.Join(", ", outcomes.GroupBy(o => o).Select(g => $"{g.Count()} {g.Key}")));
        Assert.InRange(outcomes.Count(o => o == "answered"), 1, Conversations);
        Assert.InRange(voice.Model.Cancelled, 1, int.MaxValue);
        await UntilAsync(() => voice.Model.Running == 0);
        long grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(grown < 16 << 20, $"{grown >> 20} MiB stayed behind");
        await AssertAllPlacesAreFreeAsync();
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_left_and_its_answer_is_no_longer_written()
    {
        int before = voice.Model.Cancelled;
        await using IAsyncEnumerator<ConverseResponse> responses = voice.Client.Speech.ConverseAsync(new ConversationConfig(), Requests()).GetAsyncEnumerator();
        Assert.True(await responses.MoveNextAsync());

        await UntilAsync(() => voice.Model.Cancelled > before);

        await Assert.ThrowsAnyAsync<InferenceException>(async () =>
        {
            while (await responses.MoveNextAsync())
            {
                Assert.NotNull(responses.Current);
            }
        });

        // Each of them but the first is refused, with the tag: more than the connection's windows hold.
        static async IAsyncEnumerable<ConverseRequest> Requests()
        {
            yield return new ConverseRequest { Text = ScriptedModel.Endless };
            while (true)
            {
                await Task.Yield();
                yield return new ConverseRequest { Speak = new Speak { Tag = new string('t', 256) } };
            }
        }
    }

    /// <summary>As many conversations as the host takes can begin, and the next is told to come back.</summary>
    private async Task AssertAllPlacesAreFreeAsync()
    {
        List<TestConversation> all = [];
        try
        {
            for (int i = 0; i < ConversationFixture.MaxConversations; i++)
            {
                all.Add(voice.Converse());
                all[i].Ask("");
            }

            await Task.WhenAll(all.Select(c => c.WaitAsync(r => r.Refusal is not null)));
            using InferenceClient impatient = new(new InferenceClientOptions { Addresses = [voice.GrpcAddress], Retry = new RetryOptions { MaxAttempts = 1 } });
            await using TestConversation one = new(impatient, new ConversationConfig());
            ServerBusyException busy = await Assert.ThrowsAsync<ServerBusyException>(() => one.WaitAsync(_ => false));
            Assert.NotNull(busy.RetryDelay);
        }
        finally
        {
            await Task.WhenAll(all.Select(c => c.DisposeAsync().AsTask()));
        }
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        while (!isSo())
        {
            await Task.Delay(10, limit.Token);
        }
    }

    private Task<string[]> RunAsync(int seed, int conversations)
    {
        Random random = new(seed);
        return Task.WhenAll(Enumerable.Range(0, conversations).Select(_ => RunAsync(new Random(random.Next()))));
    }

    /// <summary>One client's life, which ends in one of several ways.</summary>
    private async Task<string> RunAsync(Random random)
    {
        await Task.Delay(random.Next(500));
        bool isSlow = random.Next(5) == 0;
        await using TestConversation conversation = voice.Converse(
            "stop and wait", c => c.Manner = new SpeakingManner { Rate = 3 }, isSlow ? TimeSpan.FromMilliseconds(23) : TimeSpan.Zero);
        conversation.Send(new ConverseRequest { Speak = new Speak { Text = ScriptedModel.LongAnswer, Tag = "lesson" } });
        conversation.Ask("tell me about plants");
        if (random.Next(4) == 0)
        {
            await Task.Delay(random.Next(400));
            return "left early";
        }

        await conversation.WaitAsync(State.Started, s => s.Turn == 1);
        await Task.Delay(random.Next(500));
        switch (random.Next(3))
        {
            case 0:
                return "left while it spoke";
            case 1:
                await conversation.SayAsync(voice.Voice[..ConversationFixture.Rate]);
                await conversation.WaitAsync(r => r.UserTurn is { Turn: 2 });
                break;
            default:
                conversation.Ask("hello");
                break;
        }

        await conversation.WaitAsync(State.Started, s => s.Turn == 2);
        Assert.Contains(conversation.Responses, r => r.Speaking is { Turn: 1, State: State.Stopped });
        conversation.Control(SpeakingControl.Types.Action.Stop);
        await conversation.EndAsync();
        return "answered";
    }
}
