using System.Net;
using System.Net.Http.Headers;
using Inference.Hosting.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Inference.Hosting.Tests;

public class DrainTests
{
    private readonly TaskCompletionSource _entered = new();
    private readonly TaskCompletionSource _release = new();

    [Fact]
    public async Task Ready_follows_the_phase()
    {
        await using RunningHost host = await RunningHost.StartAsync();
        HostState state = host.App.Services.GetRequiredService<HostState>();
        List<HostPhase> phases = [];
        state.PhaseChanged += phases.Add;

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "starting\n"), await GetAsync(host, "/readyz"));
        state.SetReady("work");
        Assert.Equal((HttpStatusCode.OK, "ready\n"), await GetAsync(host, "/readyz"));
        await state.DrainAsync();
        state.SetReady("work");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "draining\n"), await GetAsync(host, "/readyz"));
        Assert.Equal((HttpStatusCode.OK, "alive\n"), await GetAsync(host, "/healthz"));
        Assert.Equal([HostPhase.Ready, HostPhase.Draining], phases);
    }

    [Fact]
    public async Task A_stop_lets_the_running_request_finish_and_refuses_new_ones()
    {
        await using RunningHost host = await RunningHost.StartAsync(MapWork);
        Task<(HttpStatusCode, string)> running = GetAsync(host, "/work");
        await _entered.Task;

        Task stop = host.App.StopAsync();
        (HttpStatusCode Status, string Body) refused = await GetAsync(host, "/work");
        string grpcStatus = await GrpcStatusAsync(host);
        bool stoppedEarly = stop.IsCompleted;
        _release.SetResult();
        await stop;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.Contains("\"code\":\"draining\"", refused.Body);
        Assert.Equal("14", grpcStatus);
        Assert.False(stoppedEarly);
        Assert.Equal((HttpStatusCode.OK, "done"), await running);
    }

    [Fact]
    public async Task A_request_that_outlives_the_drain_timeout_does_not_hold_the_stop()
    {
        await using RunningHost host = await RunningHost.StartAsync(MapWork, ("Server:DrainTimeout", "00:00:00"));
        Task<(HttpStatusCode, string)> running = GetAsync(host, "/work");
        await _entered.Task;

        using CancellationTokenSource noGrace = new();
        Task stop = host.App.StopAsync(noGrace.Token);
        noGrace.Cancel();
        await stop;

        await Assert.ThrowsAsync<HttpRequestException>(() => running);
    }

    private void MapWork(WebApplication app) => app.MapGet("/work", async (HttpContext context) =>
    {
        _entered.SetResult();
        await _release.Task.WaitAsync(context.RequestAborted);
        return "done";
    });

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(RunningHost host, string path)
    {
        using HttpResponseMessage response = await host.Http.GetAsync(path);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static async Task<string> GrpcStatusAsync(RunningHost host)
    {
        using ByteArrayContent content = new([]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        using HttpResponseMessage response = await host.Grpc.PostAsync("/inference.v1.ModelService/ListModels", content);
        return response.Headers.GetValues("grpc-status").Single();
    }
}
