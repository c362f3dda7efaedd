using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.Contracts.V1;
using Inference.Rpc;
using Microsoft.Extensions.AI;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Inference.ClientLib.Tests;

/// <summary>Microsoft.Extensions.AI's view of the client.</summary>
public class InferenceChatClientTests
{
    [Fact]
    public async Task A_response_carries_text_usage_model_and_finish_reason()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using InferenceClient client = server.Client();
        using InferenceChatClient chat = new(client);

        ChatResponse response = await chat.GetResponseAsync("Hi");

        Assert.Equal("Hello!", response.Text);
        Assert.Equal(ChatRole.Assistant, Assert.Single(response.Messages).Role);
        Assert.Equal(("request-1", "demo"), (response.ResponseId, response.ModelId));
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
        Assert.Equal((5, 2, 7, 4), (
            response.Usage!.InputTokenCount, response.Usage.OutputTokenCount, response.Usage.TotalTokenCount, response.Usage.CachedInputTokenCount));
    }

    [Fact]
    public async Task A_streamed_response_comes_piece_by_piece()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnGenerate = (_, _, _) => ScriptedServer.Answer("a", "b", "c");
        using InferenceClient client = server.Client();
        using InferenceChatClient chat = new(client);

        List<ChatResponseUpdate> updates = await chat.GetStreamingResponseAsync("Hi").ToListAsync();

        Assert.Equal(["a", "b", "c", ""], updates.Select(u => u.Text));
        Assert.All(updates, u => Assert.Equal("request-1", u.MessageId));
        Assert.Equal(ChatFinishReason.Stop, updates[^1].FinishReason);
    }

    [Fact]
    public async Task Messages_and_options_become_the_request()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        GenerateRequest? sent = null;
        server.OnGenerate = (request, _, _) =>
        {
            sent = request;
            return ScriptedServer.Answer("a");
        };
        using InferenceClient client = server.Client();
        using InferenceChatClient chat = new(client, "default-model");
        ChatMessage[] messages =
        [
            new(ChatRole.User, "6 x 7?") { AuthorName = "ann" },
            new(ChatRole.Assistant, [new TextContent("4"), new TextContent("2")]),
            new(ChatRole.Tool, [new FunctionResultContent("call", new { ok = true })]),
        ];

        await chat.GetResponseAsync(messages, new ChatOptions
        {
            Instructions = "Be brief.",
            ModelId = "other",
            Temperature = 0.5f,
            TopP = 0.9f,
            TopK = 40,
            FrequencyPenalty = 0.1f,
            PresencePenalty = 0.2f,
            Seed = 42,
            MaxOutputTokens = 16,
            StopSequences = ["END"],
            Tools = [AIFunctionFactory.CreateDeclaration("add", "Adds.", JsonDocument.Parse("""{"type":"object"}""").RootElement)],
            AdditionalProperties = new() { ["min_p"] = 0.05, ["priority"] = 3, ["tenant_id"] = "school" },
        });

        Assert.Equal(["system", "user", "assistant", "tool"], sent!.Chat.Messages.Select(m => m.Role));
        Assert.Equal(["Be brief.", "6 x 7?", "42", """{"ok":true}"""], sent.Chat.Messages.Select(m => m.Content));
        Assert.Equal("ann", sent.Chat.Messages[1].Name);
        Assert.Equal(("other", 3, "school"), (sent.Model, sent.Priority, sent.TenantId));
        SamplingParameters expected = new()
        {
            Temperature = 0.5f,
            TopP = 0.9f,
            TopK = 40,
            FrequencyPenalty = 0.1f,
            PresencePenalty = 0.2f,
            Seed = 42,
            MaxTokens = 16,
            MinP = 0.05f,
            Stop = { "END" },
        };
        Assert.Equal(expected, sent.Sampling);
        Assert.Equal("add", (string?)JsonNode.Parse(sent.Chat.ToolsJson)![0]!["function"]!["name"]);
    }

    [Fact]
    public async Task Without_options_only_the_default_model_is_set()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        GenerateRequest? sent = null;
        server.OnGenerate = (request, _, _) =>
        {
            sent = request;
            return ScriptedServer.Answer("a");
        };
        using InferenceClient client = server.Client();
        using InferenceChatClient chat = new(client, "default-model");

        await chat.GetResponseAsync("Hi");

        Assert.Equal("default-model", sent!.Model);
        Assert.Equal(new SamplingParameters(), sent.Sampling);
    }

    [Fact]
    public async Task What_the_server_cannot_do_is_refused()
    {
        using InferenceClient client = new(new Uri("http://localhost:1"));
        using InferenceChatClient chat = new(client);
        ChatMessage image = new(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")]);

        NotSupportedException content = await Assert.ThrowsAsync<NotSupportedException>(() => chat.GetResponseAsync([image]));
        NotSupportedException format = await Assert.ThrowsAsync<NotSupportedException>(
            () => chat.GetResponseAsync("Hi", new ChatOptions { ResponseFormat = ChatResponseFormat.Json }));
        ArgumentException property = await Assert.ThrowsAsync<ArgumentException>(
            () => chat.GetResponseAsync("Hi", new ChatOptions { AdditionalProperties = new() { ["min_p"] = "much" } }));

        Assert.Contains("DataContent", content.Message, StringComparison.Ordinal);
        Assert.Contains("ResponseFormat", format.Message, StringComparison.Ordinal);
        Assert.Contains("min_p", property.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_keeps_its_type()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnGenerate = (_, _, _) => ScriptedServer.Break(RpcException.InvalidFields(("sampling.temperature", "must be 0 to 2, is 3")));
        using InferenceClient client = server.Client();
        using InferenceChatClient chat = new(client);

        InvalidRequestException exception = await Assert.ThrowsAsync<InvalidRequestException>(() => chat.GetResponseAsync("Hi"));

        Assert.Equal("sampling.temperature", Assert.Single(exception.FieldViolations).Field);
    }

    [Fact]
    public void Services_are_found_by_type()
    {
        using InferenceClient client = new(new Uri("http://localhost:1"));
        using InferenceChatClient chat = new(client, "demo");

        Assert.Equal("demo", chat.GetService<ChatClientMetadata>()!.DefaultModelId);
        Assert.Same(client, chat.GetService<InferenceClient>());
        Assert.Same(chat, chat.GetService<InferenceChatClient>());
        Assert.Null(chat.GetService<string>());
    }
}
