using Google.Protobuf;

namespace Inference.Rpc.Tests;

/// <summary>What the server answers to requests that break the protocol.</summary>
public class WireTests
{
    private const string Say = "/inference.test.Echo/Say";
    private static readonly byte[] Hello = RawGrpc.Frame(new EchoRequest { Text = "hello" });

    [Fact]
    public async Task Valid_request_gets_headers_message_and_trailers()
    {
        RawResponse response = await PostAsync(Say, Hello);

        Assert.Equal(StatusCode.Ok, response.Status);
        Assert.False(response.IsTrailersOnly);
        Assert.Equal("hello", EchoResponse.Parser.ParseFrom(response.Body.AsSpan(5)).Text);
        Assert.Equal("identity,gzip", response.Headers["grpc-accept-encoding"]);
        Assert.Equal("AP8H", response.Trailers["x-trailer-bin"]);
    }

    [Theory]
    [InlineData("/inference.test.Echo/Nothing")]
    [InlineData("/inference.test.Echo/NotHere")]
    [InlineData("/no.such.Service/Method")]
    public async Task Unknown_method_is_unimplemented(string path)
    {
        RawResponse response = await PostAsync(path, Hello);

        Assert.Equal((200, StatusCode.Unimplemented, true), (response.HttpStatus, response.Status, response.IsTrailersOnly));
        Assert.Equal($"{path} is not a method of this server", response.Message);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/grpc-web")]
    [InlineData("")]
    public async Task Other_content_type_is_refused_with_415(string contentType)
    {
        RawResponse response = await PostAsync(Say, Hello, ("content-type", contentType));

        Assert.Equal(415, response.HttpStatus);
    }

    [Theory]
    [InlineData("application/grpc+proto")]
    [InlineData("application/grpc;charset=utf-8")]
    public async Task Content_type_with_suffix_is_accepted(string contentType)
    {
        Assert.Equal(StatusCode.Ok, (await PostAsync(Say, Hello, ("content-type", contentType))).Status);
    }

    [Fact]
    public async Task Missing_te_trailers_is_told()
    {
        RawResponse response = await PostAsync(Say, Hello, ("te", ""));

        Assert.Equal(StatusCode.Internal, response.Status);
        Assert.Contains("te: trailers", response.Message);
    }

    [Fact]
    public async Task Unknown_compression_is_unimplemented_and_the_known_ones_are_told()
    {
        RawResponse response = await PostAsync(Say, Hello, ("grpc-encoding", "snappy"));

        Assert.Equal(StatusCode.Unimplemented, response.Status);
        Assert.Equal("identity,gzip", response.Headers["grpc-accept-encoding"]);
    }

    public static TheoryData<byte[], StatusCode, string> BrokenBodies => new()
    {
        { [], StatusCode.Unimplemented, "none came" },
        { [.. Hello, .. Hello], StatusCode.Unimplemented, "more came" },
        { [0, 0, 0], StatusCode.Internal, "ended within a message" },
        { Hello[..^1], StatusCode.Internal, "ended within a message" },
        { RawGrpc.Frame(7, [1, 2]), StatusCode.Internal, "flag 7" },
        { RawGrpc.Frame(0, [], length: 4 << 20 | 1), StatusCode.ResourceExhausted, "4194305 bytes; the limit is 4194304" },
        { RawGrpc.Frame(0, [], length: -1), StatusCode.ResourceExhausted, "4294967295 bytes" },
        { RawGrpc.Frame(0, [0xFF, 0xFF, 0xFF]), StatusCode.Internal, "cannot be parsed" },
        { RawGrpc.Frame(0, [0x0A, 0x02, 0xC3, 0x28]), StatusCode.InvalidArgument, "text: is not valid UTF-8" },
        { RawGrpc.Frame(0, [0x52, 0x04, 0x0A, 0x02, 0xC3, 0x28]), StatusCode.InvalidArgument, "tags.key: is not valid UTF-8" },
        { RawGrpc.Frame(1, [1, 2, 3]), StatusCode.Internal, "names no compression" },
    };

    [Theory]
    [MemberData(nameof(BrokenBodies))]
    public async Task Broken_body_gets_its_status_and_the_server_goes_on(byte[] body, StatusCode status, string message)
    {
        await using EchoHost host = await EchoHost.StartAsync();
        using RawGrpc raw = new(host.Address);

        RawResponse response = await raw.PostAsync(Say, body);

        Assert.Equal((status, true), (response.Status, response.IsTrailersOnly));
        Assert.Contains(message, response.Message);
        Assert.Equal(StatusCode.Ok, (await raw.PostAsync(Say, Hello)).Status);
        Assert.Empty(host.Logs.Errors);
    }

    [Fact]
    public async Task Gzip_request_is_inflated()
    {
        byte[] message = new EchoRequest { Text = new('z', 5000) }.ToByteArray();

        RawResponse response = await PostAsync(Say, RawGrpc.Frame(1, RawGrpc.Gzip(message)), ("grpc-encoding", "gzip"));

        Assert.Equal(5000, EchoResponse.Parser.ParseFrom(response.Body.AsSpan(5)).Text.Length);
    }

    [Fact]
    public async Task Gzip_bomb_is_refused_at_the_limit()
    {
        byte[] bomb = RawGrpc.Gzip(new EchoRequest { Data = ByteString.CopyFrom(new byte[64 << 20]) }.ToByteArray());

        RawResponse response = await PostAsync(Say, RawGrpc.Frame(1, bomb), ("grpc-encoding", "gzip"));

        Assert.Equal(StatusCode.ResourceExhausted, response.Status);
        Assert.Contains("more than 4194304 bytes after inflating", response.Message);
    }

    [Fact]
    public async Task Broken_gzip_is_told()
    {
        RawResponse response = await PostAsync(Say, RawGrpc.Frame(1, [9, 9, 9, 9]), ("grpc-encoding", "gzip"));

        Assert.Equal(StatusCode.Internal, response.Status);
        Assert.Contains("cannot be inflated", response.Message);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("10")]
    [InlineData("123456789S")]
    [InlineData("-1S")]
    [InlineData("1s")]
    public async Task Malformed_timeout_is_told(string timeout)
    {
        RawResponse response = await PostAsync(Say, Hello, ("grpc-timeout", timeout));

        Assert.Equal(StatusCode.Internal, response.Status);
        Assert.Contains($"'{timeout}'", response.Message);
    }

    [Theory]
    [InlineData("99999999H")]
    [InlineData("1H")]
    [InlineData("10M")]
    [InlineData("100S")]
    [InlineData("100000m")]
    [InlineData("99999999u")]
    public async Task Timeout_of_each_unit_is_understood(string timeout)
    {
        Assert.Equal(StatusCode.Ok, (await PostAsync(Say, Hello, ("grpc-timeout", timeout))).Status);
    }

    [Theory]
    [InlineData("0S")]
    [InlineData("1n")]
    [InlineData("30m")]
    public async Task Passed_deadline_ends_the_call(string timeout)
    {
        Assert.Equal(StatusCode.DeadlineExceeded, (await PostAsync("/inference.test.Echo/Hang", Hello, ("grpc-timeout", timeout))).Status);
    }

    [Fact]
    public async Task Stream_that_nobody_reads_is_reset_at_its_deadline()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        using RawGrpc raw = new(host.Address);
        byte[] request = RawGrpc.Frame(new EchoRequest { AnswerBytes = 100_000 });
        using HttpResponseMessage response = await raw.OpenAsync("/inference.test.Echo/Forever", request, ("grpc-timeout", "2S"));

        Assert.Equal("Forever", await host.Service.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(20)));

        var e = await Assert.ThrowsAsync<HttpRequestException>(() => response.Content.ReadAsByteArrayAsync());
        Assert.Equal(8, Assert.IsType<HttpProtocolException>(e.InnerException).ErrorCode);
    }

    private static async Task<RawResponse> PostAsync(string path, byte[] body, params (string Name, string Value)[] headers)
    {
        await using EchoHost host = await EchoHost.StartAsync();
        using RawGrpc raw = new(host.Address);
        return await raw.PostAsync(path, body, headers);
    }
}
