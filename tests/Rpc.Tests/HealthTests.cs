using Inference.Rpc.Client;
using Inference.Rpc.Health.V1;
using static Inference.Rpc.Health.V1.HealthCheckResponse.Types;

namespace Inference.Rpc.Tests;

public class HealthTests
{
    private static readonly RpcMethod<HealthCheckRequest, HealthCheckResponse> Check = new(HealthReflection.Descriptor.Services[0], "Check");
    private static readonly RpcMethod<HealthCheckRequest, HealthCheckResponse> Watch = new(HealthReflection.Descriptor.Services[0], "Watch");
    private static readonly RpcMethod<HealthListRequest, HealthListResponse> List = new(HealthReflection.Descriptor.Services[0], "List");

    [Fact]
    public async Task Check_tells_the_server_and_each_service()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        host.Health.Set("a", ServingStatus.NotServing);

        Assert.Equal(ServingStatus.Serving, (await host.Channel.Unary(Check, new())).Status);
        Assert.Equal(ServingStatus.NotServing, (await host.Channel.Unary(Check, new() { Service = "a" })).Status);
        var e = await Assert.ThrowsAsync<RpcException>(async () => await host.Channel.Unary(Check, new() { Service = "b" }));
        Assert.Equal(StatusCode.NotFound, e.StatusCode);
    }

    [Fact]
    public async Task List_tells_all_services()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        host.Health.Set("a", ServingStatus.NotServing);

        HealthListResponse response = await host.Channel.Unary(List, new());

        Assert.Equal(ServingStatus.NotServing, response.Statuses["a"].Status);
        Assert.Equal(ServingStatus.Serving, response.Statuses[""].Status);
    }

    [Fact]
    public async Task Watch_tells_the_status_at_once_then_changes_and_ends_when_the_server_stops()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        await using var statuses = host.Channel.ServerStream(Watch, new() { Service = "a" }).GetAsyncEnumerator();
        async Task<ServingStatus> NextAsync()
        {
            Assert.True(await statuses.MoveNextAsync());
            return statuses.Current.Status;
        }

        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync());
        host.Health.Set("a", ServingStatus.Serving);
        Assert.Equal(ServingStatus.Serving, await NextAsync());
        host.Health.Set("other", ServingStatus.Serving);
        host.Health.Drain();
        Assert.Equal(ServingStatus.NotServing, await NextAsync());
        host.Health.Set("a", ServingStatus.Serving);
        Task stop = host.StopAsync();
        var e = await Assert.ThrowsAsync<RpcException>(async () => await NextAsync());
        Assert.Equal(StatusCode.Unavailable, e.StatusCode);
        await stop;
    }
}
