using Inference.Contracts.V1;
using Inference.Rpc;

namespace Inference.ClientLib.Tests;

/// <summary>Addresses that fail too often are left alone for a while.</summary>
public class CircuitBreakerTests
{
    private static readonly GenerateRequest Request = new() { Text = "Hi" };

    [Fact]
    public async Task A_failing_server_is_left_alone_and_tried_again_after_the_break()
    {
        HurriedTime time = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnGenerate = (_, _, _) => ScriptedServer.Break(new RpcException(StatusCode.Unavailable, "down"));
        using InferenceClient client = server.Client(o => Impatient(o, time));
        for (int i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<ServerUnavailableException>(() => client.Generation.CompleteAsync(Request));
        }

        ServerUnavailableException refused = await Assert.ThrowsAsync<ServerUnavailableException>(() => client.Generation.CompleteAsync(Request));
        Assert.Equal(3, server.Calls);
        Assert.InRange(refused.RetryDelay!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));

        server.OnGenerate = (_, _, _) => ScriptedServer.Answer("back");
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("back", (await client.Generation.CompleteAsync(Request)).Text);
        Assert.Equal("back", (await client.Generation.CompleteAsync(Request)).Text);
    }

    [Fact]
    public async Task A_failing_server_is_passed_over_for_a_healthy_one()
    {
        HurriedTime time = new();
        await using ScriptedServer sick = await ScriptedServer.StartAsync();
        await using ScriptedServer healthy = await ScriptedServer.StartAsync();
        sick.OnGenerate = (_, _, _) => ScriptedServer.Break(new RpcException(StatusCode.Unavailable, "down"));
        using InferenceClient client = sick.Client(o => Impatient(o, time) with
        {
            Addresses = [sick.Address, healthy.Address],
            Retry = new RetryOptions { MaxAttempts = 2, BaseDelay = TimeSpan.FromMilliseconds(1) },
        });

        for (int i = 0; i < 20; i++)
        {
            Assert.Equal("Hello!", (await client.Generation.CompleteAsync(Request)).Text);
        }

        Assert.Equal(3, sick.Calls);
        Assert.Equal(20, healthy.Calls);
    }

    [Fact]
    public async Task A_busy_server_is_not_a_failing_one()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnGenerate = (_, _, call) => call <= 10
            ? ScriptedServer.Break(new RpcException(StatusCode.ResourceExhausted, "full"))
            : ScriptedServer.Answer("a");
        using InferenceClient client = server.Client(o => Impatient(o, TimeProvider.System));
        for (int i = 0; i < 10; i++)
        {
            await Assert.ThrowsAsync<ServerBusyException>(() => client.Generation.CompleteAsync(Request));
        }

        Assert.Equal("a", (await client.Generation.CompleteAsync(Request)).Text);
    }

    private static InferenceClientOptions Impatient(InferenceClientOptions options, TimeProvider time) => options with
    {
        Time = time,
        Retry = new RetryOptions { MaxAttempts = 1 },
        CircuitBreaker = new CircuitBreakerOptions { MinimumCalls = 3 },
    };
}
