using System.ClientModel;
using System.Text;
using Inference.TestSupport;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;

namespace Inference.EndToEnd.Tests;

/// <summary>OpenAI's own .NET client against the host.</summary>
[Collection(StoriesCollection.Name)]
public class OpenAiClientTests(StoriesFixture stories)
{
    private static readonly ChatCompletionOptions Greedy = new() { Temperature = 0, MaxOutputTokenCount = 20 };

    [SharedDataFact(StoriesModel.Data)]
    public async Task It_chats_and_streams_the_same_answer()
    {
        ChatClient chat = Client().GetChatClient(RunningServer.ModelName);

        ChatCompletion whole = await chat.CompleteChatAsync([new UserChatMessage("Once upon a time")], Greedy);
        StringBuilder streamed = new();
        ChatTokenUsage? usage = null;
        await foreach (StreamingChatCompletionUpdate update in chat.CompleteChatStreamingAsync([new UserChatMessage("Once upon a time")], Greedy))
        {
            streamed.Append(string.Concat(update.ContentUpdate.Select(c => c.Text)));
            usage = update.Usage ?? usage;
        }

        Assert.Equal(whole.Content[0].Text, streamed.ToString());
        Assert.Equal(ChatFinishReason.Length, whole.FinishReason);
        Assert.Equal(20, whole.Usage.OutputTokenCount);
        Assert.Equal(20, usage?.OutputTokenCount);
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task It_reads_log_probabilities()
    {
        ChatCompletion completion = await Client().GetChatClient(RunningServer.ModelName).CompleteChatAsync(
            [new SystemChatMessage("Be short."), new UserChatMessage("Once")],
            new ChatCompletionOptions { Temperature = 0, MaxOutputTokenCount = 3, IncludeLogProbabilities = true, TopLogProbabilityCount = 2 });

        Assert.Equal(3, completion.ContentTokenLogProbabilities.Count);
        Assert.All(completion.ContentTokenLogProbabilities, t => Assert.Equal(2, t.TopLogProbabilities.Count));
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task It_lists_the_models()
    {
        OpenAIModelCollection models = await Client().GetOpenAIModelClient().GetModelsAsync();

        Assert.Equal(RunningServer.ModelName, Assert.Single(models).Id);
    }

    [SharedDataTheory(StoriesModel.Data)]
    [InlineData("gpt-5", 1f, 404, "gpt-5")]
    [InlineData(RunningServer.ModelName, -1f, 400, "temperature")]
    public async Task It_sees_errors_as_its_exceptions(string model, float temperature, int status, string reason)
    {
        ClientResultException exception = await Assert.ThrowsAsync<ClientResultException>(async () =>
            await Client().GetChatClient(model).CompleteChatAsync([new UserChatMessage("x")], new ChatCompletionOptions { Temperature = temperature }));

        Assert.Equal(status, exception.Status);
        Assert.Contains(reason, exception.Message);
    }

    private OpenAIClient Client() => new(
        new ApiKeyCredential("no key is asked for"), new OpenAIClientOptions { Endpoint = new Uri(stories.Server.Http.BaseAddress!, "/v1") });
}
