using Inference.TestSupport;
using Inference.VoiceHost;

namespace Inference.EndToEnd.Tests;

/// <summary>A voice host in this process, on free ports, with the bundled recogniser and espeak-ng; and a question in a held-out voice.</summary>
public sealed class VoiceServer : IAsyncLifetime
{
    /// <summary>What <see cref="Question"/> asks.</summary>
    public const string QuestionText = "what is seven times eight";

    /// <summary>Hertz of espeak-ng.</summary>
    public const int EspeakRate = 22_050;

    private const string HeldOutVoice = "en-us+f4";

    private readonly TemporaryDirectory _directory = new();
    private VoiceHostServer? _server;

    public Uri GrpcAddress => _server!.GrpcAddress;

    public Uri HttpAddress => _server!.HttpAddress;

    /// <summary>A WAV file of 16-bit samples at <see cref="EspeakRate"/>.</summary>
    public string Question => _directory.File("question.wav");

    public async Task InitializeAsync()
    {
        if (new SpokenFactAttribute().Skip is null)
        {
            CommandLineTool.Run("espeak-ng", "-v", HeldOutVoice, "-s", "150", "-w", Question, $"{QuestionText}?");
            _server = await StartAsync();
        }
    }

    /// <summary>Starts a host.</summary>
    /// <param name="settings">Further settings.</param>
    public static async Task<VoiceHostServer> StartAsync(params (string Key, string Value)[] settings)
    {
        Dictionary<string, string?> configuration = new()
        {
            ["Server:GrpcPort"] = "0",
            ["Server:HttpPort"] = "0",
            ["Logging:LogLevel:Default"] = "Warning",
        };
        foreach ((string key, string value) in settings)
        {
            configuration[key] = value;
        }

        VoiceHostServer server = new([], configuration);
        await server.StartAsync(CancellationToken.None);
        return server;
    }

    public async Task DisposeAsync()
    {
        using (_directory)
        {
            await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }
}
