using Inference.Hosting.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Inference.Hosting.Tests;

/// <summary>A host on free ports, with the endpoints that a test maps.</summary>
internal sealed class RunningHost : IAsyncDisposable
{
    private RunningHost(WebApplication app)
    {
        App = app;
        Uri[] addresses = [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a))];
        Grpc = new HttpClient
        {
            BaseAddress = addresses[0],
            DefaultRequestVersion = new Version(2, 0),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        Http = new HttpClient { BaseAddress = addresses[1] };
    }

    public WebApplication App { get; }

    public HttpClient Grpc { get; }

    public HttpClient Http { get; }

    public static async Task<RunningHost> StartAsync(Action<WebApplication>? map = null, params (string Key, string Value)[] settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        Dictionary<string, string?> configuration = new() { ["Server:GrpcPort"] = "0", ["Server:HttpPort"] = "0" };
        foreach ((string key, string value) in settings)
        {
            configuration[key] = value;
        }

        builder.Configuration.AddInMemoryCollection(configuration);
        builder.Services.AddHosting(builder.Configuration);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        WebApplication app = builder.Build();
        app.Services.GetRequiredService<PrometheusMetrics>();
        app.UseHosting();
        app.MapHosting();
        map?.Invoke(app);
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new RunningHost(app);
    }

    public async ValueTask DisposeAsync()
    {
        Grpc.Dispose();
        Http.Dispose();
        await App.DisposeAsync();
    }
}
