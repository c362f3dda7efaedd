using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Inference.Rpc.Client;
using Inference.Rpc.Server;
using Microsoft.AspNetCore.Builder;

namespace Inference.Rpc.Tests;

public class LimitTests
{
    [Fact]
    public async Task Response_over_the_clients_limit_is_refused_there()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        var e = await Assert.ThrowsAsync<RpcException>(async () =>
            await host.Channel.Unary(EchoHost.Say, new() { AnswerBytes = 5000 }, new() { MaxReceiveMessageBytes = 4096 }));

        Assert.Equal(StatusCode.ResourceExhausted, e.StatusCode);
        Assert.Contains("the limit is 4096", e.Message);
    }

    [Fact]
    public async Task Request_over_the_clients_limit_is_not_sent()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        var e = await Assert.ThrowsAsync<RpcException>(async () =>
            await host.Channel.Unary(EchoHost.Say, new() { Text = new('x', 100) }, new() { MaxSendMessageBytes = 50 }));

        Assert.Equal(StatusCode.ResourceExhausted, e.StatusCode);
        Assert.Contains("102 bytes; the limit is 50", e.Message);
    }

    [Fact]
    public async Task Response_over_the_servers_limit_is_refused_there()
    {
        await using EchoHost host = await EchoHost.StartAsync(o => o.MaxSendMessageBytes = 1000);

        var e = await Assert.ThrowsAsync<RpcException>(async () => await host.Channel.Unary(EchoHost.Say, new() { AnswerBytes = 5000 }));

        Assert.Equal(StatusCode.ResourceExhausted, e.StatusCode);
        Assert.Equal("at the end", e.Trailers["x-trailer"]);
    }

    [Fact]
    public async Task Large_limits_pass_large_messages()
    {
        await using EchoHost host = await EchoHost.StartAsync(
            o => o.MaxReceiveMessageBytes = 64 << 20, new() { MaxReceiveMessageBytes = 64 << 20 });

        EchoResponse response = await host.Channel.Unary(EchoHost.Say, new() { Data = ByteString.CopyFrom(new byte[40 << 20]) });

        Assert.Equal(40 << 20, response.Data.Length);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(200_000)]
    public async Task Gzip_both_ways_keeps_the_messages(int size)
    {
        await using EchoHost host = await EchoHost.StartAsync(o => o.CompressResponses = true, new() { Compress = true });
        string text = string.Concat(Enumerable.Range(0, size / 4).Select(i => $"{i % 1000:D4}"));
        using var call = host.Channel.Unary(EchoHost.Say, new() { Text = text });

        Assert.Equal(text, (await call).Text);
        Assert.Equal(2, (await host.Channel.Duplex(
            EchoHost.Talk, new EchoRequest[] { new() { Text = text }, new() { Text = "b" } }.ToAsyncEnumerable()).ToListAsync()).Count);
    }

    [Fact]
    public async Task Compressed_response_is_smaller_on_the_wire()
    {
        await using EchoHost host = await EchoHost.StartAsync(o => o.CompressResponses = true);
        using RawGrpc raw = new(host.Address);
        byte[] request = RawGrpc.Frame(new EchoRequest { AnswerBytes = 100_000 });

        RawResponse gzip = await raw.PostAsync("/inference.test.Echo/Say", request, ("grpc-accept-encoding", "identity, gzip"));
        RawResponse plain = await raw.PostAsync("/inference.test.Echo/Say", request);

        Assert.Equal(("gzip", (byte)1), (gzip.Headers["grpc-encoding"], gzip.Body[0]));
        Assert.InRange(gzip.Body.Length, 5, 2000);
        Assert.False(plain.Headers.ContainsKey("grpc-encoding"));
        Assert.InRange(plain.Body.Length, 100_000, 101_000);
    }

    [Fact]
    public async Task Tls_with_a_trusted_certificate_works_and_another_is_refused()
    {
        using X509Certificate2 certificate = EchoHost.SelfSigned();
        SslClientAuthenticationOptions trust = new()
        {
            RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == certificate.GetCertHashString(),
        };
        await using EchoHost host = await EchoHost.StartAsync(client: new() { Tls = trust }, certificate: certificate);
        using RpcChannel distrustful = new(host.Address);

        Assert.Equal("https", host.Address.Scheme);
        Assert.Equal("secret", (await host.Channel.Unary(EchoHost.Say, new() { Text = "secret" })).Text);
        var e = await Assert.ThrowsAsync<RpcException>(async () => await distrustful.Unary(EchoHost.Say, new()));
        Assert.Equal((StatusCode.Unavailable, true), (e.StatusCode, e.RequestNotSent));
    }

    [Fact]
    public async Task Http1_request_is_told_that_http2_is_needed()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        await using WebApplication app = builder.Build();
        app.MapGrpcService(EchoReflection.Descriptor.Services[0], new EchoService().Bind);
        await app.StartAsync();
        using HttpClient http = new();
        using ByteArrayContent content = new(RawGrpc.Frame(new EchoRequest()));
        content.Headers.ContentType = new("application/grpc");

        using HttpResponseMessage response = await http.PostAsync(new Uri(new(app.Urls.First()), "/inference.test.Echo/Say"), content);

        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
        await app.StopAsync();
    }

    [Fact]
    public async Task Request_sizes_stay_limited_on_other_endpoints()
    {
        await using EchoHost host = await EchoHost.StartAsync(configure: app => app.MapPost(
            "/upload", async (Microsoft.AspNetCore.Http.HttpRequest request) => await request.Body.CopyToAsync(Stream.Null)));
        using RawGrpc raw = new(host.Address);

        RawResponse response = await raw.PostAsync("/upload", new byte[31_000_000], ("content-type", "application/octet-stream"));

        Assert.Equal(413, response.HttpStatus);
    }
}
