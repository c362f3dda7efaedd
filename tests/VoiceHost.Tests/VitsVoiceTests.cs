using Inference.Contracts.Speech.V1;
using Inference.Rpc.Client;
using Inference.Speech.Tests.Synthesis.Vits;
using Inference.TestSupport;

namespace Inference.VoiceHost.Tests;

/// <summary>A host with a VITS voice of its own configuration.</summary>
public sealed class VitsVoiceTests
{
    private static readonly RpcMethod<SynthesizeRequest, SynthesizeResponse> Synthesize = new(SpeechReflection.Descriptor.Services[0], "Synthesize");
    private static readonly RpcMethod<ListVoicesRequest, ListVoicesResponse> ListVoices = new(SpeechReflection.Descriptor.Services[0], "ListVoices");

    [Fact]
    public async Task A_configured_voice_is_listed_and_speaks_its_language()
    {
        using TemporaryDirectory directory = new();
        await using VoiceHostServer server = new([], new Dictionary<string, string?>
        {
            ["Server:GrpcPort"] = "0",
            ["Server:HttpPort"] = "0",
            ["Logging:LogLevel:Default"] = "Error",
            ["Speech:Espeak"] = "false",
            ["Recognition:Models:0"] = "",
            ["Speech:Voices:anna"] = TinyVoices.WriteMms(directory.Path, language: "deu").Path,
        });
        await server.StartAsync(CancellationToken.None);
        using RpcChannel channel = new(server.GrpcAddress);

        Voice voice = Assert.Single((await channel.Unary(ListVoices, new ListVoicesRequest { Language = "de" })).Voices);
        Assert.Equal(("anna", "de", TinyVoices.Rate, "vits"), (voice.Name, voice.Language, voice.SampleRate, voice.Engine));
        List<SpeechMark> marks = [];
        int bytes = 0;
        await foreach (SynthesizeResponse response in channel.ServerStream(Synthesize, new SynthesizeRequest { Text = "guten tag", Language = "de" }))
        {
            marks.AddRange(response.Marks);
            bytes += response.Audio.Length;
        }

        Assert.Equal([0, 6], marks.Where(m => m.Kind == SpeechMark.Types.Kind.Word).Select(m => m.TextOffset));
        Assert.InRange(bytes, TinyVoices.Rate / 4, TinyVoices.Rate * 20);
    }
}
