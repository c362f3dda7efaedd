using System.Net;
using System.Net.Sockets;
using Inference.Contracts.V1;
using Inference.Rpc;

namespace Inference.ClientLib.Tests;

/// <summary>What is tried again, when, and where.</summary>
public class RetryTests
{
    private static readonly RpcException Unavailable = new(StatusCode.Unavailable, "restarting");
    private static readonly GenerateRequest Request = new() { Text = "Hi" };

    [Fact]
    public async Task Unavailable_twice_then_well_gives_the_whole_answer()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnGenerate = (_, _, call) => call < 3 ? ScriptedServer.Break(Unavailable) : ScriptedServer.Answer("a", "b");
        using InferenceClient client = server.Client();

        GenerationResult result = await client.Generation.CompleteAsync(Request);

        Assert.Equal("ab", result.Text);
        Assert.Equal(3, server.Calls);
    }

    [Fact]
    public async Task A_stream_that_breaks_after_its_first_message_is_not_tried_again()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnGenerate = (_, _, _) => ScriptedServer.Break(Unavailable, "first");
        using InferenceClient client = server.Client();
        List<string> pieces = [];

        ServerUnavailableException exception = await Assert.ThrowsAsync<ServerUnavailableException>(async () =>
        {
            await foreach (string piece in client.Generation.StreamTextAsync(Request))
            {
                pieces.Add(piece);
            }
        });

        Assert.Equal("restarting", exception.Message);
        Assert.Equal(["first"], pieces);
        Assert.Equal(1, server.Calls);
    }

    [Theory]
    [InlineData(StatusCode.Internal)]
    [InlineData(StatusCode.InvalidArgument)]
    [InlineData(StatusCode.Unauthenticated)]
    [InlineData(StatusCode.Aborted)]
    public async Task Other_failures_are_not_tried_again(StatusCode status)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnGenerate = (_, _, _) => ScriptedServer.Break(new RpcException(status, "no"));
        using InferenceClient client = server.Client();

        InferenceException exception = await Assert.ThrowsAnyAsync<InferenceException>(() => client.Generation.CompleteAsync(Request));

        Assert.Equal(status, exception.StatusCode);
        Assert.Equal(1, server.Calls);
    }

    [Fact]
    public async Task Tries_end_at_the_limit_with_the_last_failure()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnTokenize = (_, _, call) => throw RpcException.Exhausted($"queue full {call}", TimeSpan.FromMilliseconds(2));
        using InferenceClient client = server.Client(o => o with { Retry = o.Retry with { MaxAttempts = 3 } });

        ServerBusyException exception = await Assert.ThrowsAsync<ServerBusyException>(
            () => client.Generation.TokenizeAsync(new TokenizeRequest { Text = "Hi" }));

        Assert.Equal("queue full 3", exception.Message);
        Assert.Equal(TimeSpan.FromMilliseconds(2), exception.RetryDelay);
        Assert.Equal(3, server.Calls);
    }

    [Fact]
    public async Task Delays_double_and_lose_at_most_half_to_chance()
    {
        HurriedTime time = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnGenerate = (_, _, call) => call < 6 ? ScriptedServer.Break(Unavailable) : ScriptedServer.Answer("a");
        using InferenceClient client = server.Client(o => o with
        {
            Time = time,
            Retry = new RetryOptions { MaxAttempts = 6, BaseDelay = TimeSpan.FromSeconds(1), MaxDelay = TimeSpan.FromSeconds(4), JitterSeed = 7 },
        });

        await client.Generation.CompleteAsync(Request);

        Assert.Equal(5, time.Delays.Count);
        Assert.All(time.Delays.Zip([1.0, 2, 4, 4, 4]), pair => Assert.InRange(pair.First.TotalSeconds, pair.Second / 2, pair.Second));
        Assert.NotEqual(time.Delays[3], time.Delays[4]);
    }

    [Fact]
    public async Task The_servers_retry_delay_is_waited_for()
    {
        HurriedTime time = new();
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnGenerate = (_, _, call) => call == 1
            ? ScriptedServer.Break(RpcException.Exhausted("full", TimeSpan.FromSeconds(3)))
            : ScriptedServer.Answer("a");
        using InferenceClient client = server.Client(o => o with { Time = time });

        await client.Generation.CompleteAsync(Request);

        Assert.InRange(Assert.Single(time.Delays).TotalSeconds, 3, 3.1);
    }

    [Fact]
    public async Task A_retry_delay_beyond_the_longest_wait_fails_at_once()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnGenerate = (_, _, _) => ScriptedServer.Break(RpcException.Exhausted("full", TimeSpan.FromMinutes(1)));
        using InferenceClient client = server.Client();

        ServerBusyException exception = await Assert.ThrowsAsync<ServerBusyException>(() => client.Generation.CompleteAsync(Request));

        Assert.Equal(TimeSpan.FromMinutes(1), exception.RetryDelay);
        Assert.Equal(1, server.Calls);
    }

    [Fact]
    public async Task A_retry_delay_beyond_the_deadline_fails_at_once()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnGenerate = (_, _, _) => ScriptedServer.Break(RpcException.Exhausted("full", TimeSpan.FromSeconds(9)));
        using InferenceClient client = server.Client(o => o with { StreamTimeout = TimeSpan.FromSeconds(5) });

        await Assert.ThrowsAsync<ServerBusyException>(() => client.Generation.CompleteAsync(Request));

        Assert.Equal(1, server.Calls);
    }

    [Fact]
    public async Task Loading_a_model_is_not_tried_again_once_a_server_had_the_request()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        server.OnLoad = (_, _) => throw Unavailable;
        using InferenceClient client = server.Client();

        await Assert.ThrowsAsync<ServerUnavailableException>(async () => await client.Models.LoadAsync("m", "m.gguf").ToListAsync());

        Assert.Equal(1, server.Calls);
    }

    [Fact]
    public async Task Loading_a_model_is_tried_again_where_no_server_was_reached()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using InferenceClient client = server.Client(o => o with { Addresses = [ClosedPort(), server.Address] });

        List<LoadModelProgress> progress = await client.Models.LoadAsync("m", "m.gguf").ToListAsync();

        Assert.Equal("m", progress[^1].Model.Name);
    }

    [Fact]
    public async Task A_dead_address_costs_no_call()
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync();
        using InferenceClient client = server.Client(o => o with { Addresses = [ClosedPort(), server.Address] });

        for (int i = 0; i < 6; i++)
        {
            Assert.Equal("Hello!", (await client.Generation.CompleteAsync(Request)).Text);
        }
    }

    [Fact]
    public async Task No_server_at_all_is_unavailable()
    {
        using InferenceClient client = new(new InferenceClientOptions
        {
            Addresses = [ClosedPort()],
            Retry = new RetryOptions { MaxAttempts = 2, BaseDelay = TimeSpan.FromMilliseconds(1) },
        });

        await Assert.ThrowsAsync<ServerUnavailableException>(() => client.Generation.CompleteAsync(Request));
    }

    /// <summary>A port that was free a moment ago, on an address that nothing else here listens on.</summary>
    private static Uri ClosedPort()
    {
        using TcpListener listener = new(IPAddress.Parse("127.0.0.77"), 0);
        listener.Start();
        return new Uri($"http://127.0.0.77:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }
}
