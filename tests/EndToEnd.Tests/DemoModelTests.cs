using System.ClientModel;
using Inference.Contracts.V1;
using Inference.Rpc;
using OpenAI;
using OpenAI.Chat;
using ChatMessage = Inference.Contracts.V1.ChatMessage;

namespace Inference.EndToEnd.Tests;

/// <summary>The bundled model, as a newcomer meets it.</summary>
[Collection(StoriesCollection.Name)]
public class DemoModelTests
{
    private const int Streams = 200;

    [DemoFact]
    public async Task It_answers_in_a_sentence_and_stops()
    {
        await using RunningServer server = await RunningServer.StartAsync(DemoFactAttribute.Path);
        ChatClient chat = new OpenAIClient(
            new ApiKeyCredential("no key is asked for"), new OpenAIClientOptions { Endpoint = new Uri(server.Http.BaseAddress!, "/v1") })
            .GetChatClient(RunningServer.ModelName);

        ChatCompletion answer = await chat.CompleteChatAsync([new UserChatMessage("What is 7 x 8?")], new ChatCompletionOptions { Temperature = 0 });

        Assert.Contains("56", answer.Content[0].Text);
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
    }

    [DemoFact]
    public async Task Two_hundred_streams_complete_or_are_told_when_to_retry_and_memory_returns()
    {
        await using RunningServer server = await RunningServer.StartAsync(DemoFactAttribute.Path, ("Engine:MaxWaiting", "100"));
        await RunAsync(server);
        long before = GC.GetTotalMemory(forceFullCollection: true);

        RpcException?[] outcomes = await RunAsync(server);

        RpcException[] refused = [.. outcomes.OfType<RpcException>()];
        Assert.InRange(outcomes.Length - refused.Length, 100, Streams);
        Assert.All(refused, e => Assert.Equal(StatusCode.ResourceExhausted, e.StatusCode));
        Assert.All(refused, e => Assert.True(e.RetryDelay > TimeSpan.Zero));
        await server.WaitForMetricAsync("inference_kv_cache_blocks_used", 0);
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 16 << 20, "the second round of streams left memory behind");
    }

    private static Task<RpcException?[]> RunAsync(RunningServer server) =>
        Task.WhenAll(Enumerable.Range(0, Streams).Select(i => OutcomeAsync(server, $"What is {i % 12} x {i % 11}?")));

    private static async Task<RpcException?> OutcomeAsync(RunningServer server, string question)
    {
        GenerateRequest request = new()
        {
            Chat = new Chat { Messages = { new ChatMessage { Role = "user", Content = question } } },
            Sampling = new SamplingParameters { MaxTokens = 16 },
        };
        try
        {
            List<GenerateResponse> responses = await server.GenerateAsync(request);
            Assert.NotNull(responses[^1].Usage);
            return null;
        }
        catch (RpcException exception)
        {
            return exception;
        }
    }
}
