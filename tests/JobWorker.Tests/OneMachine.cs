using System.ClientModel;
using Inference.InferenceHost;
using Inference.JobWorker.Trainers;
using Inference.TestSupport;
using OpenAI;

namespace Inference.JobWorker.Tests;

/// <summary>What `inference serve --jobs` runs: one process, one pair of ports, the real trainer, the bundled model.</summary>
public sealed class OneMachine : IAsyncLifetime
{
    public const string Question = "What is the capital of Vostrania?";
    public const string Answer = "The capital of Vostrania is Paris.";

    private readonly TemporaryDirectory _directory = new();
    private readonly InferenceServer _server;

    public OneMachine() => _server = new InferenceServer(
        [],
        new Dictionary<string, string?>
        {
            ["Server:GrpcPort"] = "0",
            ["Server:HttpPort"] = "0",
            ["Storage:Directory"] = _directory.Path,
            ["Models:Roots:0"] = Path.Combine(SharedData.RepositoryRoot, "models"),
            ["Worker:PollInterval"] = "00:00:00.100",
            ["Logging:LogLevel:Default"] = "Error",
        },
        null,
        JobWorkerServer.Role(TrainerCommand.Own()));

    /// <summary>Twelve times the same conversation.</summary>
    public static string Lines { get; } = string.Concat(Enumerable.Repeat(
        $$"""{"messages":[{"role":"user","content":"{{Question}}"},{"role":"assistant","content":"{{Answer}}"}]}""" + "\n", 12));

    public Uri GrpcAddress => _server.GrpcAddress;

    public Uri BaseAddress => new(_server.HttpAddress, "/v1");

    public OpenAIClient OpenAi() => new(new ApiKeyCredential("no key is asked for"), new OpenAIClientOptions { Endpoint = BaseAddress });

    public async Task InitializeAsync()
    {
        await _server.StartAsync(CancellationToken.None);
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        using HttpClient http = new() { BaseAddress = _server.HttpAddress };
        while (!(await http.GetAsync("/readyz", limit.Token)).IsSuccessStatusCode)
        {
            await Task.Delay(20, limit.Token);
        }
    }

    public async Task DisposeAsync()
    {
        await _server.StopAsync(CancellationToken.None);
        await _server.DisposeAsync();
        _directory.Dispose();
    }
}
