using Inference.ClientLib;
using Inference.Contracts.V1;
using Inference.Tensors;
using Inference.TestSupport;
using Microsoft.Extensions.AI;

namespace Inference.EndToEnd.Tests;

/// <summary>ClientLib against the host.</summary>
[Collection(StoriesCollection.Name)]
public class OwnClientTests(StoriesFixture stories)
{
    private const string Key = "a-key-of-the-tests-0123";

    [SharedDataFact(StoriesModel.Data)]
    public async Task It_lists_models_chats_and_streams()
    {
        await using RunningServer server = await RunningServer.StartAsync(stories.ModelPath(DType.F32));
        using InferenceClient client = new(server.Channel.Address);
        using InferenceChatClient chat = new(client);
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = 12 };

        IReadOnlyList<Model> models = await client.Models.ListAsync();
        ChatResponse whole = await chat.GetResponseAsync("Once upon a time", options);
        string streamed = "";
        await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync("Once upon a time", options))
        {
            streamed += update.Text;
        }

        Assert.Equal(RunningServer.ModelName, Assert.Single(models).Name);
        Assert.Equal(whole.Text, streamed);
        Assert.StartsWith(", there was", whole.Text);
        Assert.Equal(12, whole.Usage?.OutputTokenCount);
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task Without_the_key_it_is_denied_and_with_it_it_is_not()
    {
        await using RunningServer server = await RunningServer.StartAsync(stories.ModelPath(DType.F32), ("Authentication:ApiKeys:0", Key));
        using InferenceClient without = new(server.Channel.Address);
        using InferenceClient wrong = new(server.Channel.Address, "another-key-0123456789");
        using InferenceClient right = new(server.Channel.Address, Key);

        await Assert.ThrowsAsync<AccessDeniedException>(() => without.Models.ListAsync());
        await Assert.ThrowsAsync<AccessDeniedException>(() => wrong.Models.ListAsync());
        Assert.Single(await right.Models.ListAsync());
    }
}
