using Inference.Hosting;
using Inference.InferenceHost.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Inference.InferenceHost;

/// <summary>An inference host as one process: what Program and `inference serve` run, and what tests run inside of theirs.</summary>
public sealed class InferenceServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    /// <summary>Puts the host together. Nothing listens yet.</summary>
    /// <param name="args">Command line in ASP.NET's form, such as --Server:HttpPort=8080.</param>
    /// <param name="settings">Settings that win over appsettings.json, environment and command line; or null.</param>
    /// <param name="configureServices">Last changes to the services, or null.</param>
    public InferenceServer(
        string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null, Action<IServiceCollection>? configureServices = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = typeof(InferenceServer).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Services.AddHosting(builder.Configuration);
        builder.Services.AddInferenceHost(builder.Configuration);
        configureServices?.Invoke(builder.Services);
        _app = builder.Build();
    }

    /// <summary>The host's services.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Address of the gRPC port, once started.</summary>
    public Uri GrpcAddress => Address(0);

    /// <summary>Address of the HTTP port, once started.</summary>
    public Uri HttpAddress => Address(1);

    /// <summary>Runs a host until SIGTERM or Ctrl-C.</summary>
    /// <returns>Exit code: 0 after a graceful end, 1 where a model cannot be loaded, 2 where the configuration is wrong.</returns>
    public static async Task<int> RunAsync(string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null)
    {
        try
        {
            await using InferenceServer server = new(args, settings);
            await server.StartAsync(CancellationToken.None);
            await server._app.WaitForShutdownAsync();
            return server.Services.GetRequiredService<ModelStartup>().Failed ? 1 : 0;
        }
        catch (OptionsValidationException exception)
        {
            foreach (string failure in exception.Failures)
            {
                await Console.Error.WriteLineAsync(failure);
            }

            return 2;
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 2;
        }
    }

    /// <summary>Begins to load the configured models, and listens.</summary>
    /// <exception cref="OptionsValidationException">A setting is out of its range: names it.</exception>
    /// <exception cref="IOException">A port is taken.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Services.GetRequiredService<ModelStartup>().Begin();
        _app.UseHosting();
        _app.MapHosting();
        _app.MapInferenceHost();
        await _app.StartAsync(cancellationToken);
        HostLog.Serving(Services.GetRequiredService<ILogger<InferenceServer>>(), GrpcAddress, HttpAddress);
    }

    /// <summary>Drains and stops.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _app.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Uri Address(int index) =>
        new(Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ElementAt(index));
}
