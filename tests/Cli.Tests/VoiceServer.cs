using Inference.VoiceHost;

namespace Inference.Cli.Tests;

/// <summary>A voice host in this process, on free ports, whose conversations the bundled model answers.</summary>
public sealed class VoiceServer : IAsyncLifetime
{
    private readonly DemoServer _model = new();
    private VoiceHostServer _voice = null!;

    public string Address => _voice.GrpcAddress.ToString();

    public async Task InitializeAsync()
    {
        await _model.InitializeAsync();
        _voice = new VoiceHostServer([], new Dictionary<string, string?>
        {
            ["Server:GrpcPort"] = "0",
            ["Server:HttpPort"] = "0",
            ["Conversation:Server"] = _model.Address,
            ["Conversation:ApiKey"] = DemoServer.ApiKey,
            ["Logging:LogLevel:Default"] = "Error",
        });
        await _voice.StartAsync(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _voice.DisposeAsync();
        await _model.DisposeAsync();
    }
}
