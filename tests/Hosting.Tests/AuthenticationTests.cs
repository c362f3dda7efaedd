using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;

namespace Inference.Hosting.Tests;

public class AuthenticationTests
{
    private const string Key = "0123456789abcdef-test";

    [Theory]
    [InlineData("/work", null, HttpStatusCode.Unauthorized)]
    [InlineData("/work", "Bearer wrong", HttpStatusCode.Unauthorized)]
    [InlineData("/work", "Basic " + Key, HttpStatusCode.Unauthorized)]
    [InlineData("/work", "Bearer " + Key, HttpStatusCode.OK)]
    [InlineData("/work", "bearer " + Key, HttpStatusCode.OK)]
    [InlineData("/nowhere", null, HttpStatusCode.Unauthorized)]
    [InlineData("/metrics", null, HttpStatusCode.Unauthorized)]
    [InlineData("/metrics", "Bearer " + Key, HttpStatusCode.OK)]
    [InlineData("/healthz", null, HttpStatusCode.OK)]
    [InlineData("/readyz", null, HttpStatusCode.ServiceUnavailable)]
    public async Task Every_route_but_health_asks_for_a_key(string path, string? authorization, HttpStatusCode expected)
    {
        await using RunningHost host = await RunningHost.StartAsync(app => app.MapGet("/work", () => "done"), ("Authentication:ApiKeys:0", Key));
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);

        using HttpResponseMessage response = await host.Http.SendAsync(request);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task A_refused_http_call_gets_an_error_in_the_shape_of_openai()
    {
        await using RunningHost host = await RunningHost.StartAsync(null, ("Authentication:ApiKeys:0", Key));

        using HttpResponseMessage response = await host.Http.GetAsync("/v1/models");
        using JsonDocument body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());

        Assert.Equal("invalid_api_key", body.RootElement.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task A_refused_grpc_call_gets_unauthenticated()
    {
        await using RunningHost host = await RunningHost.StartAsync(null, ("Authentication:ApiKeys:0", Key));
        using ByteArrayContent content = new([]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");

        using HttpResponseMessage response = await host.Grpc.PostAsync("/inference.v1.ModelService/ListModels", content);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("16", Assert.Single(response.Headers.GetValues("grpc-status")));
    }

    [Fact]
    public async Task Keys_of_a_file_are_accepted_and_its_comments_are_not()
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, $"# comment-of-a-file\n\n  {Key}  \n");
        try
        {
            await using RunningHost host = await RunningHost.StartAsync(null, ("Authentication:ApiKeyFile", file), ("Authentication:AnonymousMetrics", "true"));

            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(host, "/work", Key));
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(host, "/work", "# comment-of-a-file"));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(host, "/metrics", "none"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("Authentication:ApiKeys:0", "short", "key 1 must have at least 16")]
    [InlineData("Authentication:ApiKeyFile", "/nowhere/keys", "/nowhere/keys")]
    public async Task Bad_keys_stop_the_start_without_being_told(string setting, string value, string message)
    {
        OptionsValidationException exception = await Assert.ThrowsAsync<OptionsValidationException>(() => RunningHost.StartAsync(null, (setting, value)));

        Assert.Contains(message, exception.Message);
        Assert.DoesNotContain("short", exception.Message);
    }

    private static async Task<HttpStatusCode> StatusAsync(RunningHost host, string path, string key)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        using HttpResponseMessage response = await host.Http.SendAsync(request);
        return response.StatusCode;
    }
}
