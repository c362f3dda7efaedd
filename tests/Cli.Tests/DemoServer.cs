using Inference.ClientLib;
using Inference.Contracts.V1;
using Inference.InferenceHost;
using Inference.TestSupport;

namespace Inference.Cli.Tests;

/// <summary>A real host in this process, on free ports, with the bundled model under the name "demo".</summary>
public sealed class DemoServer : IAsyncLifetime
{
    public const string ApiKey = "a-key-of-these-tests";

    private readonly InferenceServer _server = new([], new Dictionary<string, string?>
    {
        ["Server:GrpcPort"] = "0",
        ["Server:HttpPort"] = "0",
        ["Authentication:ApiKeys:0"] = ApiKey,
        ["Models:Roots:0"] = Path.Combine(SharedData.RepositoryRoot, "models"),
        ["Logging:LogLevel:Default"] = "Warning",
    });

    public string Address => _server.GrpcAddress.ToString();

    public InferenceClient Connect() => new(_server.GrpcAddress, ApiKey);

    public async Task InitializeAsync()
    {
        await _server.StartAsync(CancellationToken.None);
        using InferenceClient client = Connect();
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        while ((await client.Models.GetAsync("demo", cancellationToken: limit.Token)).State != ModelState.Ready)
        {
            await Task.Delay(10, limit.Token);
        }
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();
}
