using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Inference.Hosting.Tests;

public class RequestIdTests
{
    [Theory]
    [InlineData("abc-1.2_3:4", true)]
    [InlineData("", false)]
    [InlineData("has space", false)]
    [InlineData("läuft", false)]
    public async Task A_valid_id_comes_back_and_any_other_is_replaced(string id, bool kept)
    {
        await using RunningHost host = await RunningHost.StartAsync(app => app.MapGet("/id", (HttpContext context) => context.TraceIdentifier));
        using HttpRequestMessage request = new(HttpMethod.Get, "/id");
        request.Headers.TryAddWithoutValidation("x-request-id", id);

        using HttpClient client = new(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8 }) { BaseAddress = host.Http.BaseAddress };
        using HttpResponseMessage response = await client.SendAsync(request);

        string returned = Assert.Single(response.Headers.GetValues("x-request-id"));
        Assert.Equal(await response.Content.ReadAsStringAsync(), returned);
        Assert.Equal(kept, returned == id);
        Assert.NotEmpty(returned);
    }

    [Fact]
    public async Task An_id_of_more_than_128_characters_is_replaced()
    {
        await using RunningHost host = await RunningHost.StartAsync();
        using HttpRequestMessage request = new(HttpMethod.Get, "/healthz");
        request.Headers.Add("x-request-id", new string('a', 129));

        using HttpResponseMessage response = await host.Http.SendAsync(request);

        Assert.Equal(32, Assert.Single(response.Headers.GetValues("x-request-id")).Length);
    }

    [Fact]
    public async Task The_grpc_port_returns_the_id_too()
    {
        await using RunningHost host = await RunningHost.StartAsync();
        using HttpRequestMessage request = new(HttpMethod.Get, "/healthz") { Version = new Version(2, 0), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Add("x-request-id", "mine");

        using HttpResponseMessage response = await host.Grpc.SendAsync(request);

        Assert.Equal("mine", Assert.Single(response.Headers.GetValues("x-request-id")));
    }
}
