using Inference.Rpc.Client;

namespace Inference.VoiceHost.Tests;

/// <summary>A voice host in this process, on free ports, that speaks with espeak-ng.</summary>
public sealed class VoiceFixture : IAsyncLifetime
{
    private readonly VoiceHostServer _server = new([], new Dictionary<string, string?>
    {
        ["Server:GrpcPort"] = "0",
        ["Server:HttpPort"] = "0",
        ["Recognition:LongestClip"] = "00:01:00",
        ["Logging:LogLevel:Default"] = "Error",
    });

    public Uri GrpcAddress => _server.GrpcAddress;

    public RpcChannel Channel { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await _server.StartAsync(CancellationToken.None);
        Channel = new RpcChannel(_server.GrpcAddress);
        Http = new HttpClient { BaseAddress = _server.HttpAddress };
    }

    public async Task DisposeAsync()
    {
        Channel.Dispose();
        Http.Dispose();
        await _server.DisposeAsync();
    }
}
