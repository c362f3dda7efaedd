using System.Data.Common;
using System.Reflection;
using Inference.Hosting.Health;
using Inference.Hosting.Metrics;
using Inference.Rpc.Health;
using Inference.Rpc.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Inference.Hosting;

/// <summary>A host as one process: configuration in ASP.NET's usual order, the two ports, what every host has, and a role or several.</summary>
public sealed class HostProcess : IAsyncDisposable
{
    private const string SettingsFile = "appsettings.json";

    private readonly WebApplication _app;

    private readonly IReadOnlyList<HostRole> _roles;

    /// <summary>Puts the host together. Nothing listens yet.</summary>
    /// <param name="application">The host's assembly.</param>
    /// <param name="args">Command line in ASP.NET's form, such as --Server:HttpPort=8080.</param>
    /// <param name="settings">Settings that win over the files, environment and command line; or null.</param>
    /// <param name="roles">
    /// What it does, at least one. The first one's file of settings wins over appsettings.json and over the others', so that several hosts
    /// may lie in one directory. The host is ready when all its roles are.
    /// </param>
    /// <param name="configureServices">Last changes to the services, or null.</param>
    public HostProcess(
        Assembly application, string[] args, IEnumerable<KeyValuePair<string, string?>>? settings, IReadOnlyList<HostRole> roles,
        Action<IServiceCollection>? configureServices = null)
    {
        _roles = roles;
        // The slim builder leaves out what no host here uses (IIS, HTTP/3, further logs, host filtering), and a tenth of a second of start.
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = ["--hostBuilder:reloadConfigOnChange=false", .. args], // Settings are read once; watching their files costs the start.
            ApplicationName = application.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.UseKestrelHttpsConfiguration();
        InsertSettings(builder.Configuration.Sources);
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Services.AddHosting(builder.Configuration);
        foreach (HostRole role in roles)
        {
            builder.Services.AddSingleton(role);
            role.Add(builder.Services, builder.Configuration);
        }

        configureServices?.Invoke(builder.Services);
        _app = builder.Build();
    }

    /// <summary>The host's services.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Address of the gRPC port, once started.</summary>
    public Uri GrpcAddress => Address(0);

    /// <summary>Address of the HTTP port, once started.</summary>
    public Uri HttpAddress => Address(1);

    /// <summary>Runs what starts a host and waits for its end, and tells on the error stream what keeps it from starting.</summary>
    /// <returns>The exit code that it gave, or 2 where the configuration is wrong.</returns>
    public static async Task<int> RunAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (OptionsValidationException exception)
        {
            foreach (string failure in exception.Failures)
            {
                await Console.Error.WriteLineAsync(failure);
            }

            return 2;
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException or DbException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 2;
        }
    }

    /// <summary>Maps the roles, health of both protocols, metrics and gRPC reflection, and listens.</summary>
    /// <exception cref="OptionsValidationException">A setting is out of its range: names it.</exception>
    /// <exception cref="IOException">A port is taken.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // The collector takes as long to put together as all that follows: on a thread of its own, and listening does not wait for it.
        HostState state = Services.GetRequiredService<HostState>();
        state.Require(nameof(PrometheusMetrics));
        Task metrics = Task.Run(
            () =>
            {
                Services.GetRequiredService<PrometheusMetrics>();
                state.SetReady(nameof(PrometheusMetrics));
            },
            cancellationToken);
        _app.UseHosting();
        _app.MapHosting();
        foreach (HostRole role in _roles)
        {
            role.Map(_app);
        }

        HealthService health = Services.GetRequiredService<HealthService>();
        health.Follow(state, "");
        _app.MapGrpcHealth(health);
        _app.MapGrpcReflection();
        await _app.StartAsync(cancellationToken);
        await metrics;
        HostingLog.Serving(Services.GetRequiredService<ILogger<HostProcess>>(), GrpcAddress, HttpAddress);
    }

    /// <summary>Ends after SIGTERM or Ctrl-C, once the host has drained and stopped.</summary>
    public Task WaitForShutdownAsync() => _app.WaitForShutdownAsync();

    /// <summary>Drains and stops.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _app.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>The first role's file after appsettings.json, before environment and command line; those of the others before all.</summary>
    private void InsertSettings(IList<IConfigurationSource> sources)
    {
        foreach (HostRole role in _roles.Where(r => r.SettingsFile != SettingsFile))
        {
            JsonConfigurationSource source = new() { Path = Path.Combine(AppContext.BaseDirectory, role.SettingsFile) };
            source.ResolveFileProvider();
            sources.Insert(role == _roles[0] ? sources.IndexOf(sources.OfType<JsonConfigurationSource>().Last()) + 1 : 0, source);
        }
    }

    private Uri Address(int index) =>
        new(Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ElementAt(index));
}
