using Google.Protobuf;
using Inference.Rpc.Client;

namespace Inference.Rpc.Tests;

public class CallKindTests
{
    [Fact]
    public async Task Unary_call_returns_the_response_headers_and_trailers()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        Metadata headers = new() { { "x-tenant", "school 7" } };
        headers.AddBinary("x-key-bin", [1, 254, 3]);
        using var call = host.Channel.Unary(EchoHost.Say, new() { Text = "grüß dich 你好" }, new() { Headers = headers });

        EchoResponse response = await call;

        Assert.Equal("grüß dich 你好", response.Text);
        Assert.Equal("school 7", response.Metadata["x-tenant"]);
        Assert.Equal("Af4D", response.Metadata["x-key-bin"]);
        Assert.Equal("from the server", (await call.GetHeadersAsync())["x-header"]);
        Assert.Equal("at the end", call.Trailers["x-trailer"]);
        Assert.True(call.Trailers.TryGetBinary("x-trailer-bin", out byte[]? bytes));
        Assert.Equal([0, 255, 7], bytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(500)]
    public async Task Server_stream_delivers_all_messages_in_order(int count)
    {
        await using EchoHost host = await EchoHost.StartAsync();
        using var call = host.Channel.ServerStream(EchoHost.Repeat, new() { Text = "a", Times = count });

        List<EchoResponse> all = await call.ToListAsync();

        Assert.Equal(Enumerable.Range(0, count), all.Select(m => m.Index));
        Assert.Equal("from the stream", (await call.GetHeadersAsync())["x-header"]);
        Assert.Equal("at the end", call.Trailers["x-trailer"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    public async Task Client_stream_delivers_all_messages(int count)
    {
        await using EchoHost host = await EchoHost.StartAsync();

        EchoResponse response = await host.Channel.ClientStream(
            EchoHost.Collect, Enumerable.Range(0, count).Select(i => new EchoRequest { Text = "x" }).ToAsyncEnumerable());

        Assert.Equal(count, response.Index);
        Assert.Equal(new string('x', count), response.Text);
    }

    [Fact]
    public async Task Duplex_answers_each_message_before_the_next_is_sent()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        var requests = System.Threading.Channels.Channel.CreateUnbounded<EchoRequest>();
        using var call = host.Channel.Duplex(EchoHost.Talk, requests.Reader.ReadAllAsync());
        await using var responses = call.GetAsyncEnumerator();

        for (int i = 0; i < 10; i++)
        {
            requests.Writer.TryWrite(new() { Text = $"message {i}" });
            Assert.True(await responses.MoveNextAsync());
            Assert.Equal($"message {i}", responses.Current.Text);
        }
        requests.Writer.Complete();
        Assert.False(await responses.MoveNextAsync());
    }

    [Fact]
    public async Task Duplex_headers_arrive_before_any_message()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        var requests = System.Threading.Channels.Channel.CreateUnbounded<EchoRequest>();
        using var call = host.Channel.Duplex(EchoHost.Talk, requests.Reader.ReadAllAsync());

        Assert.NotNull(await call.GetHeadersAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3_900_000)]
    public async Task Message_of_any_size_below_the_limit_passes_both_ways(int size)
    {
        await using EchoHost host = await EchoHost.StartAsync();
        byte[] data = [.. Enumerable.Range(0, size).Select(i => (byte)(i * 31))];

        EchoResponse response = await host.Channel.Unary(EchoHost.Say, new() { Data = ByteString.CopyFrom(data) });

        Assert.Equal(data, response.Data.ToByteArray());
    }

    [Fact]
    public async Task Thousand_calls_at_once_all_complete()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        string[] texts = await Task.WhenAll(Enumerable.Range(0, 1000).Select(async i =>
        {
            EchoRequest request = new() { Text = $"call {i}", Times = 3 };
            return i % 2 == 0
                ? (await host.Channel.Unary(EchoHost.Say, request)).Text
                : (await host.Channel.ServerStream(EchoHost.Repeat, request).LastAsync()).Text;
        }));

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"call {i}"), texts);
        Assert.Empty(host.Logs.Errors);
    }

    [Fact]
    public async Task Failing_request_enumeration_surfaces_its_own_exception()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        static async IAsyncEnumerable<EchoRequest> Requests()
        {
            yield return new() { Text = "one" };
            await Task.Yield();
            throw new FormatException("the caller's own");
        }

        var e = await Assert.ThrowsAsync<FormatException>(async () => await host.Channel.ClientStream(EchoHost.Collect, Requests()));

        Assert.Equal("the caller's own", e.Message);
    }

    [Fact]
    public async Task Calling_a_method_as_another_kind_throws()
    {
        using RpcChannel channel = new(new("http://localhost:1"));

        var e = Assert.Throws<InvalidOperationException>(() => channel.Unary(EchoHost.Repeat, new()));

        Assert.Contains("Repeat is (", e.Message);
        await Task.CompletedTask;
    }
}
