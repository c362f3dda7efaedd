using Inference.Jobs;
using Inference.Rpc.Client;
using Inference.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace Inference.JobWorker.Tests;

/// <summary>A job worker in this process: free ports, a data directory of its own.</summary>
internal sealed class RunningWorker : IAsyncDisposable
{
    private readonly JobWorkerServer _server;
    private readonly TemporaryDirectory _directory;

    private RunningWorker(JobWorkerServer server, TemporaryDirectory directory)
    {
        (_server, _directory) = (server, directory);
        Channel = new RpcChannel(server.GrpcAddress);
        Http = new HttpClient { BaseAddress = server.HttpAddress };
    }

    public RpcChannel Channel { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => _server.Services;

    public IJobStore Store => Services.GetRequiredService<IJobStore>();

    public static async Task<RunningWorker> StartAsync(params (string Key, string Value)[] settings)
    {
        TemporaryDirectory directory = new();
        Dictionary<string, string?> configuration = new()
        {
            ["Server:GrpcPort"] = "0",
            ["Server:HttpPort"] = "0",
            ["Storage:Directory"] = directory.Path,
            ["Logging:LogLevel:Default"] = "Warning",
        };
        foreach ((string key, string value) in settings)
        {
            configuration[key] = value;
        }

        JobWorkerServer server = new([], configuration);
        try
        {
            await server.StartAsync(CancellationToken.None);
        }
        catch
        {
            await server.DisposeAsync();
            directory.Dispose();
            throw;
        }

        return new RunningWorker(server, directory);
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        Http.Dispose();
        await _server.StopAsync(CancellationToken.None);
        await _server.DisposeAsync();
        _directory.Dispose();
    }
}
