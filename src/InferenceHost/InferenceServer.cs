using Inference.Hosting;
using Inference.InferenceHost.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Inference.InferenceHost;

/// <summary>An inference host as one process: what Program and `inference serve` run, and what tests run inside of theirs.</summary>
public sealed class InferenceServer : IAsyncDisposable
{
    private readonly HostProcess _host;

    /// <summary>Puts the host together. Nothing listens yet.</summary>
    /// <param name="args">Command line in ASP.NET's form, such as --Server:HttpPort=8080.</param>
    /// <param name="settings">Settings that win over appsettings.json, environment and command line; or null.</param>
    /// <param name="configureServices">Last changes to the services, or null.</param>
    /// <param name="roles">What the process does besides.</param>
    public InferenceServer(
        string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null, Action<IServiceCollection>? configureServices = null,
        params IEnumerable<HostRole> roles)
    {
        List<KeyValuePair<string, string?>> given = [.. settings ?? []];
        TokenizersAhead tokenizers = new(given, HeadStart.Begin());
        _host = new HostProcess(typeof(InferenceServer).Assembly, args, given, [Role, .. roles], services =>
        {
            services.AddSingleton(tokenizers);
            configureServices?.Invoke(services);
        });
    }

    /// <summary>Text generation as a role.</summary>
    public static HostRole Role { get; } = new(
        "inference", "appsettings.json", (services, configuration) => services.AddInferenceHost(configuration), endpoints => endpoints.MapInferenceHost());

    /// <summary>The host's services.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>Address of the gRPC port, once started.</summary>
    public Uri GrpcAddress => _host.GrpcAddress;

    /// <summary>Address of the HTTP port, once started.</summary>
    public Uri HttpAddress => _host.HttpAddress;

    /// <summary>Begins, on another thread, with what every start waits for. For a program that knows it will serve before it knows what.</summary>
    public static void Prepare() => HeadStart.Begin();

    /// <summary>Runs a host until SIGTERM or Ctrl-C.</summary>
    /// <returns>Exit code: 0 after a graceful end, 1 where a model cannot be loaded, 2 where the configuration is wrong.</returns>
    public static Task<int> RunAsync(string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null, params IEnumerable<HostRole> roles) =>
        HostProcess.RunAsync(async () =>
        {
            await using InferenceServer server = new(args, settings, null, roles);
            await server.StartAsync(CancellationToken.None);
            await server._host.WaitForShutdownAsync();
            return server.Services.GetRequiredService<ModelStartup>().Failed ? 1 : 0;
        });

    /// <summary>Begins to load the configured models, and listens.</summary>
    /// <exception cref="OptionsValidationException">A setting is out of its range: names it.</exception>
    /// <exception cref="IOException">A port is taken.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Services.GetRequiredService<ModelStartup>().Begin();
        return _host.StartAsync(cancellationToken);
    }

    /// <summary>Drains and stops.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _host.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
