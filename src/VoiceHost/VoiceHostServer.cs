using Inference.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Inference.VoiceHost;

/// <summary>A voice host as one process: what Program runs, and what tests run inside of theirs.</summary>
public sealed class VoiceHostServer : IAsyncDisposable
{
    private readonly HostProcess _host;

    /// <summary>Puts the host together. Nothing listens yet.</summary>
    /// <param name="args">Command line in ASP.NET's form, such as --Server:HttpPort=8084.</param>
    /// <param name="settings">Settings that win over voicehost.json, environment and command line; or null.</param>
    /// <param name="configureServices">Last changes to the services, or null.</param>
    public VoiceHostServer(
        string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null, Action<IServiceCollection>? configureServices = null) =>
        _host = new HostProcess(typeof(VoiceHostServer).Assembly, args, settings, [Role], configureServices);

    /// <summary>Speech as a role.</summary>
    public static HostRole Role { get; } = new(
        "voice", "voicehost.json", (services, configuration) => services.AddVoiceHost(configuration), endpoints => endpoints.MapVoiceHost());

    /// <summary>Address of the gRPC port, once started.</summary>
    public Uri GrpcAddress => _host.GrpcAddress;

    /// <summary>Address of the HTTP port, once started.</summary>
    public Uri HttpAddress => _host.HttpAddress;

    /// <summary>Runs a host until SIGTERM or Ctrl-C.</summary>
    /// <returns>Exit code: 0 after a graceful end, 2 where the configuration is wrong.</returns>
    public static Task<int> RunAsync(string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null) =>
        HostProcess.RunAsync(async () =>
        {
            await using VoiceHostServer server = new(args, settings);
            await server.StartAsync(CancellationToken.None);
            await server._host.WaitForShutdownAsync();
            return 0;
        });

    /// <summary>Listens.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A setting is out of its range: names it.</exception>
    /// <exception cref="IOException">A port is taken.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => _host.StartAsync(cancellationToken);

    /// <summary>Drains and stops.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _host.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
