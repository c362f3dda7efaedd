using System.Net;
using System.Text;
using Inference.Contracts.V1;
using Inference.Rpc;
using Inference.Tensors;
using Inference.TestSupport;

namespace Inference.EndToEnd.Tests;

/// <summary>More streams than run at once.</summary>
[Collection(StoriesCollection.Name)]
public class LoadTests(StoriesFixture stories)
{
    private const int Streams = 200;

    [SharedDataFact(StoriesModel.Data)]
    public async Task Two_hundred_streams_all_complete_with_a_queue_that_holds_them()
    {
        List<GenerateResponse>[] all = await Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => stories.Server.GenerateAsync(Generations.Greedy(20, 1))));

        Assert.All(all, responses => Assert.Equal(20, responses[^1].Usage.CompletionTokens));
        Assert.Single(all.Select(responses => responses.Text()).Distinct());
        await AssertIdleAsync(stories.Server);
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task Past_a_short_queue_streams_are_refused_with_a_delay_and_none_hangs()
    {
        await using RunningServer server = await RunningServer.StartAsync(stories.ModelPath(DType.F32), ("Engine:MaxRunning", "4"), ("Engine:MaxWaiting", "10"));

        RpcException?[] refusals = await Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => RefusalAsync(server)));

        RpcException[] refused = [.. refusals.OfType<RpcException>()];
        Assert.InRange(refused.Length, 1, Streams - 14);
        Assert.All(refused, e => Assert.Equal(StatusCode.ResourceExhausted, e.StatusCode));
        Assert.All(refused, e => Assert.True(e.RetryDelay > TimeSpan.Zero));
        await AssertIdleAsync(server);
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task Past_a_short_queue_http_requests_get_429_with_retry_after()
    {
        await using RunningServer server = await RunningServer.StartAsync(stories.ModelPath(DType.F32), ("Engine:MaxRunning", "1"), ("Engine:MaxWaiting", "1"));

        HttpResponseMessage[] responses = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => server.Http.PostAsync(
            "/v1/completions", new StringContent("""{"prompt":"Once","ignore_eos":true,"max_tokens":100}""", Encoding.UTF8, "application/json"))));

        HttpResponseMessage[] refused = [.. responses.Where(r => r.StatusCode == HttpStatusCode.TooManyRequests)];
        Assert.NotEmpty(refused);
        Assert.All(responses.Except(refused), r => Assert.Equal(HttpStatusCode.OK, r.StatusCode));
        Assert.All(refused, r => Assert.True(r.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1)));
        Assert.Contains("queue_full", await refused[0].Content.ReadAsStringAsync());
        Array.ForEach(responses, r => r.Dispose());
    }

    private static async Task<RpcException?> RefusalAsync(RunningServer server)
    {
        try
        {
            await server.GenerateAsync(Generations.Greedy(100, 1));
            return null;
        }
        catch (RpcException exception)
        {
            return exception;
        }
    }

    private static async Task AssertIdleAsync(RunningServer server)
    {
        await server.WaitForMetricAsync("inference_kv_cache_blocks_used", 0);
        Assert.Equal(0, await server.MetricAsync("inference_num_requests_running"));
        Assert.Equal(0, await server.MetricAsync("inference_num_requests_waiting"));
    }
}
