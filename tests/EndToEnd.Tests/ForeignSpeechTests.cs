using System.ClientModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.Interop;
using Inference.TestSupport;
using OpenAI;
using OpenAI.Audio;

namespace Inference.EndToEnd.Tests;

/// <summary>Speech with clients that are not written here: grpc-js as Riva's client, OpenAI's packages for npm and .NET.</summary>
public class ForeignSpeechTests(VoiceServer voice) : IClassFixture<VoiceServer>
{
    private const int InvalidArgument = 3;

    [SpokenFact("grpc-js")]
    public async Task Grpc_js_streams_rivas_recognition_and_synthesis()
    {
        JsonNode result = Json(await InteropClient.RunNodeAsync(
            "riva.js", voice.GrpcAddress.Authority, Path.Combine(SharedData.RepositoryRoot, "protos"), "nvidia/riva", voice.Question));

        // The bundled one, for streams and for clips.
        Assert.Equal(2, (int)result["models"]!);
        Assert.InRange((int)result["voices"]!, 1, 1000);
        JsonNode recognised = result["recognised"]!;
        Assert.Equal((0, VoiceServer.QuestionText), ((int)recognised["code"]!, (string)recognised["text"]!));
        Assert.Equal(VoiceServer.QuestionText.Split(' '), recognised["words"]!.AsArray().Select(w => ((string)w!).Trim()));
        Assert.True((bool)recognised["inOrder"]!);
        Assert.Equal(InvalidArgument, (int)result["refused"]!["code"]!);
        Assert.Equal(0, (int)result["spoken"]!["code"]!);
        // About two seconds of 16-bit samples at 44.1 kHz.
        Assert.InRange((int)result["spoken"]!["bytes"]!, 88_200, 352_800);
        Assert.Equal(InvalidArgument, (int)result["unknownVoice"]!["code"]!);
        Assert.InRange((int)result["whole"]!, 8_000, 88_200);
    }

    [SpokenFact("openai")]
    public async Task Npms_openai_transcribes_and_speaks()
    {
        JsonNode result = Json(await InteropClient.RunNodeAsync("speech.mjs", new Uri(voice.HttpAddress, "/v1").ToString(), voice.Question));

        Assert.All(["text", "verbose", "streamed"], name => Assert.Equal(VoiceServer.QuestionText, ((string)result[name]!).Trim()));
        Assert.Equal(5, (int)result["words"]!);
        Assert.Equal("RIFF", (string)result["head"]!);
        Assert.InRange((int)result["bytes"]!, 44_100, 176_400);
        Assert.Equal(("BadRequestError", "voice"), ((string)result["unknownVoice"]!["kind"]!, (string)result["unknownVoice"]!["param"]!));
        Assert.Equal(("BadRequestError", "temperature"), ((string)result["badTemperature"]!["kind"]!, (string)result["badTemperature"]!["param"]!));
    }

    [SpokenFact]
    public async Task OpenAis_package_for_dotnet_transcribes_what_it_speaks()
    {
        OpenAIClient client = new(new ApiKeyCredential("no key is asked for"), new OpenAIClientOptions { Endpoint = new Uri(voice.HttpAddress, "/v1") });
        AudioClient audio = client.GetAudioClient("whisper-1");

        BinaryData speech = await audio.GenerateSpeechAsync(
            $"{VoiceServer.QuestionText}?", new GeneratedSpeechVoice("en-us"), new SpeechGenerationOptions { ResponseFormat = GeneratedSpeechFormat.Wav });
        using Stream file = speech.ToStream();
        AudioTranscription transcription = await audio.TranscribeAudioAsync(
            file, "question.wav", new AudioTranscriptionOptions { ResponseFormat = AudioTranscriptionFormat.Verbose, TimestampGranularities = AudioTimestampGranularities.Word });

        Assert.Equal(VoiceServer.QuestionText, transcription.Text.Trim());
        Assert.Equal(5, transcription.Words.Count);
        ClientResultException refused = await Assert.ThrowsAsync<ClientResultException>(() => audio.GenerateSpeechAsync("x", new GeneratedSpeechVoice("nobody")));
        Assert.Equal(400, refused.Status);
    }

    private static JsonNode Json(ProcessResult result) => result.ExitCode == 0
        ? JsonNode.Parse(result.Output) ?? throw new JsonException("null")
        : throw new InvalidOperationException(result.Error);
}
