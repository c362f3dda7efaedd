using Inference.ClientLib;
using Inference.Contracts.Speech.V1;
using Inference.Speech.Recognition;
using Microsoft.Extensions.DependencyInjection;

namespace Inference.VoiceHost.Tests.Conversations;

/// <summary>A voice host in this process that speaks with espeak-ng, hears with <see cref="ScriptedRecognizer"/> and asks <see cref="ScriptedModel"/>.</summary>
public sealed class ConversationFixture : IAsyncLifetime
{
    public const int MaxConversations = 60;

    /// <summary>Hertz of <see cref="Voice"/> and of what conversations hear.</summary>
    public const int Rate = 16_000;

    private VoiceHostServer _server = null!;

    internal ScriptedModel Model { get; private set; } = null!;

    public InferenceClient Client { get; private set; } = null!;

    public Uri GrpcAddress => _server.GrpcAddress;

    public Uri HttpAddress => _server.HttpAddress;

    /// <summary>Somebody speaks for about two seconds: 16-bit samples.</summary>
    internal byte[] Voice { get; private set; } = [];

    public async Task InitializeAsync()
    {
        Model = await ScriptedModel.StartAsync();
        _server = new VoiceHostServer(
            [],
            new Dictionary<string, string?>
            {
                ["Server:GrpcPort"] = "0",
                ["Server:HttpPort"] = "0",
                ["Recognition:Models:0"] = "",
                ["Conversation:Server"] = Model.Address.ToString(),
                ["Conversation:MaxConversations"] = $"{MaxConversations}",
                ["Conversation:ReaderTimeout"] = "00:00:01",
                ["Logging:LogLevel:Default"] = "Error",
            },
            services => services.AddSingleton<ISpeechRecognizer, ScriptedRecognizer>());
        await _server.StartAsync(CancellationToken.None);
        Client = new InferenceClient(_server.GrpcAddress);
        Voice = await SpeakAsync("Could you tell me a little more about all of that now?");
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
        await Model.DisposeAsync();
    }

    /// <summary>A text's 16-bit samples at <see cref="Rate"/>.</summary>
    internal async Task<byte[]> SpeakAsync(string text, int rate = Rate, List<SpeechMark>? marks = null, float speed = 1)
    {
        List<byte> samples = [];
        await foreach (SynthesizeResponse response in Client.Speech.SynthesizeAsync(new SynthesizeRequest { Text = text, SampleRate = rate, Rate = speed }))
        {
            samples.AddRange(response.Audio.Span);
            marks?.AddRange(response.Marks);
        }

        return [.. samples];
    }

    /// <summary>Begins a conversation.</summary>
    /// <param name="script">What its utterances will be understood as.</param>
    /// <param name="configure">Changes the configuration.</param>
    /// <param name="readTime">How long each response takes to read.</param>
    internal TestConversation Converse(string script = "", Action<ConversationConfig>? configure = null, TimeSpan readTime = default)
    {
        ConversationConfig config = new()
        {
            Recognition = new RecognitionConfig { Encoding = AudioEncoding.Pcm16, SampleRate = Rate, Prompt = script },
            InterimResults = true,
        };
        configure?.Invoke(config);
        return new TestConversation(Client, config, readTime);
    }
}
