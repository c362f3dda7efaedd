using Inference.Contracts.V1;
using Inference.Rpc;
using Inference.Rpc.Client;
using Inference.Rpc.Details;
using Inference.TestSupport;

namespace Inference.EndToEnd.Tests;

/// <summary>What no client should send gets a status that names the field; the server goes on answering.</summary>
[Collection(StoriesCollection.Name)]
public class GrpcBorderTests(StoriesFixture stories)
{
    public static TheoryData<string, string, Action<GenerateRequest>> BadRequests() => new()
    {
        { "prompt", "must be set", r => r.ClearPrompt() },
        { "text", "empty", r => r.Text = "" },
        { "text", "at most 1048576 bytes of UTF-8, not 10485760", r => r.Text = new string('a', 10 << 20) },
        { "prompt", "at most 511 tokens", r => r.Text = string.Concat(Enumerable.Repeat("once upon a time ", 500)) },
        { "tokens.ids", "empty", r => r.Tokens = new TokenIds() },
        { "tokens.ids", "from 0 to 511, not 4294967295", r => r.Tokens = new TokenIds { Ids = { 1, uint.MaxValue } } },
        { "chat.messages", "from 1 to 1000 messages, not 0", r => r.Chat = new Chat { ChatTemplate = "x" } },
        { "chat.chat_template", "chat template", r => r.Chat = Chat("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}") },
        { "chat.chat_template", "chat template", r => r.Chat = Chat("{% if %}") },
        { "chat.template_arguments_json", "not valid JSON", r => r.Chat = new Chat(Chat("x")) { TemplateArgumentsJson = "{" } },
        { "chat.tools_json", "an array", r => r.Chat = new Chat(Chat("x")) { ToolsJson = "{}" } },
        { "sampling.temperature", "from 0 to 2, not -1", r => r.Sampling.Temperature = -1 },
        { "sampling.temperature", "NaN", r => r.Sampling.Temperature = float.NaN },
        { "sampling.top_p", "at most 1, not 2", r => r.Sampling.TopP = 2 },
        { "sampling.stop", "at most 16 texts, not 1000", r => r.Sampling.Stop.AddRange(Enumerable.Range(0, 1000).Select(i => $"stop {i}")) },
        { "sampling.stop_token_ids", "from 0 to 511, not 512", r => r.Sampling.StopTokenIds.Add(512) },
        { "sampling.logit_bias", "from 0 to 511, not 4000000000", r => r.Sampling.LogitBias[4_000_000_000] = 1 },
        { "sampling.n", "from 1 to 16, not 17", r => r.Sampling.N = 17 },
        { "sampling.max_tokens", "from 1", r => r.Sampling.MaxTokens = 0 },
        { "priority", "from -100 to 100, not 101", r => r.Priority = 101 },
    };

    [SharedDataTheory(StoriesModel.Data)]
    [MemberData(nameof(BadRequests))]
    public async Task A_bad_field_is_invalid_argument_with_its_name(string field, string reason, Action<GenerateRequest> spoil)
    {
        GenerateRequest request = new() { Text = "Once", Sampling = new SamplingParameters { MaxTokens = 1 } };
        spoil(request);

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => stories.Server.GenerateAsync(request));

        Assert.Equal(StatusCode.InvalidArgument, exception.StatusCode);
        BadRequest.Types.FieldViolation violation = exception.FieldViolations[0];
        Assert.Equal(field, violation.Field);
        Assert.Contains(reason, violation.Description);
        await AssertAnswersAsync();
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task An_unknown_model_is_not_found_and_named()
    {
        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => stories.Server.GenerateAsync(new GenerateRequest { Model = "gpt-5", Text = "Once" }));

        Assert.Equal(StatusCode.NotFound, exception.StatusCode);
        Assert.Equal("gpt-5", Assert.Single(exception.GetDetails<ResourceInfo>()).ResourceName);
        Assert.Equal("MODEL_NOT_FOUND", exception.ErrorInfo?.Reason);
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task Text_that_is_not_utf8_is_invalid_argument()
    {
        using HttpClient client = new();
        byte[] message = [18, 2, 0xC3, 0x28];
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(stories.Server.Channel.Address, RunningServer.Generate.Path))
        {
            Version = new Version(2, 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, (byte)message.Length, .. message]),
        };
        request.Headers.TE.ParseAdd("trailers");
        request.Content.Headers.ContentType = new("application/grpc");

        using HttpResponseMessage response = await client.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();

        Assert.Equal("3", response.Headers.Concat(response.TrailingHeaders).Single(h => h.Key == "grpc-status").Value.Single());
        await AssertAnswersAsync();
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task A_call_past_its_deadline_is_deadline_exceeded_and_frees_its_blocks()
    {
        StreamCall<GenerateResponse> call = stories.Server.Channel.ServerStream(
            RunningServer.Generate, Generations.Long(answers: 16), new CallOptions { Timeout = TimeSpan.FromMilliseconds(100) });

        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (GenerateResponse _ in call)
            {
            }
        });

        Assert.Equal(StatusCode.DeadlineExceeded, exception.StatusCode);
        await stories.Server.WaitForMetricAsync("inference_kv_cache_blocks_used", 0);
        await AssertAnswersAsync();
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task A_cancelled_call_frees_its_blocks()
    {
        await stories.Server.AbortsAsync(async () =>
        {
            await foreach (GenerateResponse response in stories.Server.Channel.ServerStream(RunningServer.Generate, Generations.Long(answers: 16)))
            {
                Assert.NotEmpty(response.Deltas);
                break;
            }
        });

        Assert.Equal(0, await stories.Server.MetricAsync("inference_num_requests_running"));
    }

    private static Chat Chat(string template) => new()
    {
        Messages = { new ChatMessage { Role = "user", Content = "Hi" } },
        ChatTemplate = template,
    };

    private async Task AssertAnswersAsync()
    {
        List<GenerateResponse> responses = await stories.Server.GenerateAsync(Generations.Greedy(5, 1));
        Assert.StartsWith("Once upon", responses.Text());
    }
}
