using Inference.ClientLib;
using Inference.Contracts.Speech.V1;
using Inference.VoiceHost;

namespace Inference.Speech.Bench;

/// <summary>A voice host in this process, on free ports, as it is shipped, and a client of it.</summary>
internal sealed class LocalVoiceHost : IAsyncDisposable
{
    private readonly VoiceHostServer _server = new([], new Dictionary<string, string?>
    {
        ["Server:GrpcPort"] = "0",
        ["Server:HttpPort"] = "0",
        ["Logging:LogLevel:Default"] = "Warning",
    });

    private LocalVoiceHost()
    {
    }

    public InferenceClient Client { get; private set; } = null!;

    public static async Task<LocalVoiceHost> StartAsync()
    {
        LocalVoiceHost host = new();
        await host._server.StartAsync(CancellationToken.None);
        host.Client = new InferenceClient(host._server.GrpcAddress);
        return host;
    }

    /// <summary>A text's 16-bit samples.</summary>
    public async Task<byte[]> SpeakAsync(string text, string voice, int rate)
    {
        List<byte> samples = [];
        await foreach (SynthesizeResponse response in Client.Speech.SynthesizeAsync(new SynthesizeRequest { Text = text, Voice = voice, SampleRate = rate }))
        {
            samples.AddRange(response.Audio.Span);
        }

        return [.. samples];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
    }
}
