using Inference.Rpc.Client;
using Inference.Speech.Recognition;
using Microsoft.Extensions.DependencyInjection;

namespace Inference.VoiceHost.Tests;

/// <summary>A voice host in this process, on free ports, that listens with <see cref="MeasuringRecognizer"/> and does not speak.</summary>
public sealed class ListeningFixture : IAsyncLifetime
{
    private readonly VoiceHostServer _server = new(
        [],
        new Dictionary<string, string?>
        {
            ["Server:GrpcPort"] = "0",
            ["Server:HttpPort"] = "0",
            ["Speech:Espeak"] = "false",
            ["Recognition:Models:0"] = "",
            ["Logging:LogLevel:Default"] = "Error",
        },
        services => services.AddSingleton<ISpeechRecognizer, MeasuringRecognizer>());

    public Uri GrpcAddress => _server.GrpcAddress;

    public RpcChannel Channel { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await _server.StartAsync(CancellationToken.None);
        Http = new HttpClient { BaseAddress = _server.HttpAddress };
        Channel = new RpcChannel(_server.GrpcAddress);
    }

    public async Task DisposeAsync()
    {
        Channel.Dispose();
        Http.Dispose();
        await _server.DisposeAsync();
    }
}
