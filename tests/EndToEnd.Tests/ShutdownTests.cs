using Inference.Contracts.V1;
using Inference.Rpc;
using Inference.Rpc.Client;
using Inference.Rpc.Health.V1;
using Inference.Tensors;
using Inference.TestSupport;
using static Inference.Rpc.Health.V1.HealthCheckResponse.Types;

namespace Inference.EndToEnd.Tests;

/// <summary>SIGTERM to a real process.</summary>
[Collection(StoriesCollection.Name)]
public class ShutdownTests(StoriesFixture stories)
{
    private static readonly RpcMethod<HealthCheckRequest, HealthCheckResponse> Watch = new(HealthReflection.Descriptor.Services[0], "Watch");

    [SharedDataFact(StoriesModel.Data)]
    public async Task Twenty_streams_finish_new_ones_are_unavailable_and_the_exit_code_is_0()
    {
        (ServerProcess server, Uri address) = await ServerProcess.StartAsync(stories.ModelPath(DType.F32), "--Engine:MaxRunning=2", "--Engine:MaxBatchTokens=3");
        await using ServerProcess _ = server;
        using RpcChannel channel = new(address);
        await WaitForAsync(channel, ServingStatus.Serving);

        Task<int>[] streams = [.. Enumerable.Range(0, 20).Select(_ => TokensAsync(channel))];
        await Task.WhenAny(streams);
        Task draining = WaitForAsync(channel, ServingStatus.NotServing);
        server.Terminate();
        await draining;
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => TokensAsync(channel));
        int[] tokens = await Task.WhenAll(streams);

        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.All(tokens, count => Assert.Equal(400, count));
        Assert.Equal(0, await server.ExitCodeAsync());
    }

    [SharedDataFact(StoriesModel.Data)]
    public async Task A_model_that_cannot_be_loaded_ends_the_process_with_1()
    {
        (ServerProcess server, Uri _) = await ServerProcess.StartAsync("/nowhere");
        await using ServerProcess __ = server;

        Assert.Equal(1, await server.ExitCodeAsync());
        Assert.Contains(server.Output, line => line.Contains("/nowhere", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrong_setting_ends_the_process_with_its_name()
    {
        InvalidOperationException exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ServerProcess.StartAsync("/nowhere", "--Server:Address=0.0.0.0", "--Engine:MaxRunning=0"));

        Assert.Contains("reachable from the network", exception.Message);
    }

    private static async Task<int> TokensAsync(RpcChannel channel)
    {
        int tokens = 0;
        GenerateRequest request = Generations.Long();
        request.Sampling.MaxTokens = 400;
        await foreach (GenerateResponse response in channel.ServerStream(RunningServer.Generate, request))
        {
            tokens += response.Deltas.Sum(d => d.TokenIds.Count);
        }

        return tokens;
    }

    private static async Task WaitForAsync(RpcChannel channel, ServingStatus status)
    {
        await foreach (HealthCheckResponse response in channel.ServerStream(Watch, new HealthCheckRequest()))
        {
            if (response.Status == status)
            {
                return;
            }
        }
    }
}
