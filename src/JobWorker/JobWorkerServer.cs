using Inference.Hosting;
using Inference.JobWorker.Trainers;
using Microsoft.Extensions.DependencyInjection;

namespace Inference.JobWorker;

/// <summary>A job worker as one process: what Program runs, and what tests run inside of theirs.</summary>
public sealed class JobWorkerServer : IAsyncDisposable
{
    internal const string RoleName = "jobs";

    private readonly HostProcess _host;

    /// <summary>Puts the host together. Nothing listens yet.</summary>
    /// <param name="args">Command line in ASP.NET's form, such as --Server:HttpPort=8082.</param>
    /// <param name="settings">Settings that win over jobworker.json, environment and command line; or null.</param>
    /// <param name="configureServices">Last changes to the services, or null.</param>
    /// <param name="trainer">What trains; null: nothing does, jobs wait for other workers.</param>
    public JobWorkerServer(
        string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null, Action<IServiceCollection>? configureServices = null,
        TrainerCommand? trainer = null) =>
        _host = new HostProcess(typeof(JobWorkerServer).Assembly, args, settings, [Role(trainer)], configureServices);

    /// <summary>The host's services.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>Address of the gRPC port, once started.</summary>
    public Uri GrpcAddress => _host.GrpcAddress;

    /// <summary>Address of the HTTP port, once started.</summary>
    public Uri HttpAddress => _host.HttpAddress;

    /// <summary>Fine-tuning jobs as a role.</summary>
    /// <param name="trainer">What trains; null: nothing does, jobs wait for other workers.</param>
    public static HostRole Role(TrainerCommand? trainer) => new(
        RoleName, "jobworker.json", (services, configuration) => services.AddJobWorker(configuration, trainer), endpoints => endpoints.MapJobWorker());

    /// <summary>Runs a host until SIGTERM or Ctrl-C.</summary>
    /// <returns>Exit code: 0 after a graceful end, 2 where the configuration is wrong or the database does not answer.</returns>
    public static Task<int> RunAsync(
        string[] args, IEnumerable<KeyValuePair<string, string?>>? settings = null, TrainerCommand? trainer = null) =>
        HostProcess.RunAsync(async () =>
        {
            await using JobWorkerServer server = new(args, settings, trainer: trainer);
            await server.StartAsync(CancellationToken.None);
            await server._host.WaitForShutdownAsync();
            return 0;
        });

    /// <summary>Opens the queue, begins to work and listens.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A setting is out of its range: names it.</exception>
    /// <exception cref="System.Data.Common.DbException">The database does not answer.</exception>
    /// <exception cref="IOException">A port is taken.</exception>
    public Task StartAsync(CancellationToken cancellationToken) =>
        _host.StartAsync(cancellationToken);

    /// <summary>Drains and stops: jobs in progress are handed back, from their last checkpoint.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _host.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
