namespace Inference.Rpc.Tests;

public class CancellationTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Cancelling_a_unary_call_cancels_it_on_the_server()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        using CancellationTokenSource cancellation = new();
        Task<EchoResponse> call = host.Channel.Unary(EchoHost.Hang, new(), cancellation: cancellation.Token).Response;
        await host.Service.Started.Task.WaitAsync(Long);

        await cancellation.CancelAsync();

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(cancellation.Token, e.CancellationToken);
        Assert.Equal("Hang", await host.Service.Cancelled.Task.WaitAsync(Long));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10_000)]
    public async Task Leaving_a_stream_early_cancels_it_on_the_server(int bytes)
    {
        await using EchoHost host = await EchoHost.StartAsync();

        await foreach (EchoResponse response in host.Channel.ServerStream(EchoHost.Forever, new() { AnswerBytes = bytes }))
        {
            if (response.Index == 3)
                break;
        }

        Assert.Equal("Forever", await host.Service.Cancelled.Task.WaitAsync(Long));
        Assert.Empty(host.Logs.Errors);
    }

    [Fact]
    public async Task Disposing_a_stream_that_nobody_reads_cancels_it_on_the_server()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        var call = host.Channel.ServerStream(EchoHost.Forever, new());
        await host.Service.Started.Task.WaitAsync(Long);

        call.Dispose();

        Assert.Equal("Forever", await host.Service.Cancelled.Task.WaitAsync(Long));
    }

    [Fact]
    public async Task Token_of_the_enumeration_ends_the_stream()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        using CancellationTokenSource cancellation = new();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in host.Channel.ServerStream(EchoHost.Forever, new()).WithCancellation(cancellation.Token))
                await cancellation.CancelAsync();
        });

        Assert.Equal("Forever", await host.Service.Cancelled.Task.WaitAsync(Long));
    }

    [Fact]
    public async Task Cancelling_a_duplex_call_stops_the_enumeration_of_requests()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        async IAsyncEnumerable<EchoRequest> Requests(
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
        {
            using var seen = cancellation.Register(() => stopped.TrySetResult());
            yield return new() { Text = "only" };
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        }

        Assert.Equal("only", (await host.Channel.Duplex(EchoHost.Talk, Requests()).FirstAsync()).Text);

        await stopped.Task.WaitAsync(Long);
    }

    [Fact]
    public async Task Deadline_ends_the_call_on_both_sides()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        var e = await Assert.ThrowsAsync<RpcException>(async () =>
            await host.Channel.Unary(EchoHost.Hang, new(), new() { Timeout = TimeSpan.FromSeconds(2) }));

        Assert.Equal(StatusCode.DeadlineExceeded, e.StatusCode);
        Assert.Equal("Hang", await host.Service.Cancelled.Task.WaitAsync(Long));
        Assert.InRange(host.Service.Contexts.Single().TimeLeft!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Deadline_ends_a_stream_that_nobody_reads()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        using var call = host.Channel.ServerStream(
            EchoHost.Forever, new() { AnswerBytes = 100_000 }, new() { Timeout = TimeSpan.FromSeconds(2) });

        Assert.Equal("Forever", await host.Service.Cancelled.Task.WaitAsync(Long));

        var e = await Assert.ThrowsAsync<RpcException>(async () => await call.LastAsync());
        Assert.Equal(StatusCode.DeadlineExceeded, e.StatusCode);
    }

    [Fact]
    public async Task Slow_reader_holds_the_producer_back()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        using var call = host.Channel.ServerStream(EchoHost.Forever, new() { AnswerBytes = 100_000 });
        await host.Service.Started.Task.WaitAsync(Long);

        int before, after = -1;
        do
        {
            before = after;
            await Task.Delay(TimeSpan.FromMilliseconds(200));
            after = host.Service.Produced;
        }
        while (after != before);

        Assert.InRange(after, 1, 1000);
        Assert.Equal(500, (await call.Skip(500).FirstAsync()).Index);
    }

    [Fact]
    public async Task Server_that_gives_up_its_calls_is_unavailable_and_their_tokens_are_cancelled()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        Task<EchoResponse> call = host.Channel.Unary(EchoHost.Hang, new()).Response;
        await host.Service.Started.Task.WaitAsync(Long);

        await host.StopAsync(new CancellationToken(true));

        var e = await Assert.ThrowsAsync<RpcException>(() => call);
        Assert.Equal((StatusCode.Unavailable, false), (e.StatusCode, e.RequestNotSent));
        Assert.Equal("Hang", await host.Service.Cancelled.Task.WaitAsync(Long));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(4_000_000)]
    [InlineData(900_000_000_000)]
    public async Task Timeout_of_any_length_reaches_the_server(long seconds)
    {
        await using EchoHost host = await EchoHost.StartAsync();
        TimeSpan timeout = TimeSpan.FromSeconds(seconds);

        await host.Channel.Unary(EchoHost.Say, new(), new() { Timeout = timeout });

        TimeSpan? left = host.Service.Contexts.Single().TimeLeft;
        Assert.True(seconds > 1e11 ? left == null : timeout - left < TimeSpan.FromSeconds(30), $"{left}");
    }

    [Fact]
    public async Task Stopping_server_lets_running_calls_end()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        var requests = System.Threading.Channels.Channel.CreateUnbounded<EchoRequest>();
        using var call = host.Channel.Duplex(EchoHost.Talk, requests.Reader.ReadAllAsync());
        await using var responses = call.GetAsyncEnumerator();
        requests.Writer.TryWrite(new() { Text = "one" });
        Assert.True(await responses.MoveNextAsync());

        Task stop = host.StopAsync();
        requests.Writer.TryWrite(new() { Text = "two" });
        Assert.True(await responses.MoveNextAsync());
        Assert.False(stop.IsCompleted);
        requests.Writer.Complete();
        Assert.False(await responses.MoveNextAsync());

        await stop.WaitAsync(Long);
    }
}
