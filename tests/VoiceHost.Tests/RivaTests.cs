using System.Buffers;
using Google.Protobuf;
using Inference.Contracts.Riva;
using Inference.Contracts.Riva.Asr;
using Inference.Rpc;
using Inference.Rpc.Client;
using Inference.Speech.Audio;
using Inference.TestSupport;
using AudioEncoding = Inference.Contracts.Riva.AudioEncoding;

namespace Inference.VoiceHost.Tests;

/// <summary>Riva's recognition as its clients call it.</summary>
public class RivaTests(ListeningFixture voice) : IClassFixture<ListeningFixture>
{
    private const string Clip = "speech/jfk.wav";

    private static readonly RpcMethod<RecognizeRequest, RecognizeResponse> Recognize = new(RivaAsrReflection.Descriptor.Services[0], "Recognize");
    private static readonly RpcMethod<StreamingRecognizeRequest, StreamingRecognizeResponse> Streaming = new(RivaAsrReflection.Descriptor.Services[0], "StreamingRecognize");
    private static readonly RpcMethod<RivaSpeechRecognitionConfigRequest, RivaSpeechRecognitionConfigResponse> Config =
        new(RivaAsrReflection.Descriptor.Services[0], "GetRivaSpeechRecognitionConfig");

    [SharedDataFact(Clip)]
    public async Task A_file_streamed_with_its_header_gives_interim_and_final_results()
    {
        List<StreamingRecognitionResult> results = [];
        await foreach (StreamingRecognizeResponse response in voice.Channel.Duplex(Streaming, Requests()))
        {
            Assert.Equal("call-7", response.Id.Value);
            results.AddRange(response.Results);
        }

        StreamingRecognitionResult[] finals = [.. results.Where(r => r.IsFinal)], interim = [.. results.Where(r => !r.IsFinal)];
        Assert.NotEmpty(finals);
        Assert.All(finals, r => Assert.True(r.Alternatives[0].Words.Count == 1 && r.Alternatives[0].Confidence > 0 && r.Stability == 0));
        Assert.NotEmpty(interim);
        Assert.All(interim, r => Assert.True(r.Alternatives[0].Words.Count == 0 && r.Alternatives[0].Confidence == 0));
        Assert.Contains(interim, r => r.Stability == 1);
        Assert.InRange(finals[^1].AudioProcessed, 9, 12.01);

        static async IAsyncEnumerable<StreamingRecognizeRequest> Requests()
        {
            await Task.CompletedTask;
            yield return new StreamingRecognizeRequest
            {
                Id = new RequestId { Value = "call-7" },
                StreamingConfig = new StreamingRecognitionConfig
                {
                    InterimResults = true,
                    Config = new RecognitionConfig { LanguageCode = "en-US", MaxAlternatives = 1, EnableAutomaticPunctuation = true, EndpointingConfig = new EndpointingConfig { StopHistory = 600, StopHistoryEou = 96, StopThresholdEou = 0.9f } },
                },
            };
            foreach (byte[] chunk in RecognitionTests.Chunks(SpeechAndSilence()))
            {
                yield return new StreamingRecognizeRequest { AudioContent = ByteString.CopyFrom(chunk) };
            }
        }
    }

    private static byte[] SpeechAndSilence()
    {
        using MonoReader reader = new(AudioDecoders.Create(Speech.Audio.AudioEncoding.Wav, default), 16_000);
        ArrayBufferWriter<float> samples = new();
        reader.Push(File.ReadAllBytes(SharedData.Get(Clip)), samples);
        reader.Complete(samples);
        samples.Write(new float[16_000]);
        return [.. WavHeader.Create(new AudioFormat(16_000, 1), samples.WrittenCount), .. Pcm16.Encode(samples.WrittenSpan)];
    }

    [Fact]
    public async Task Channels_are_recognised_apart_where_that_is_asked()
    {
        RecognizeResponse response = await voice.Channel.Unary(Recognize, new RecognizeRequest
        {
            Config = new RecognitionConfig { Encoding = AudioEncoding.LinearPcm, SampleRateHertz = 16_000, AudioChannelCount = 2, EnableSeparateRecognitionPerChannel = true },
            Audio = ByteString.CopyFrom(new byte[6_400]),
        });

        Assert.Equal([1, 2], response.Results.Select(r => r.ChannelTag));
        Assert.All(response.Results, r => Assert.Equal("1600", r.Alternatives[0].Transcript));
    }

    [Fact]
    public async Task Models_are_listed_for_streams_and_for_files()
    {
        RivaSpeechRecognitionConfigResponse response = await voice.Channel.Unary(Config, new RivaSpeechRecognitionConfigRequest());

        Assert.Equal(["online", "offline"], response.ModelConfig.Select(m => m.Parameters["type"]));
        Assert.All(response.ModelConfig, m => Assert.Equal(("measuring", "en"), (m.ModelName, m.Parameters["language_code"])));
    }

    [Fact]
    public async Task Telling_speakers_apart_is_refused_by_name()
    {
        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () => await voice.Channel.Unary(Recognize, new RecognizeRequest
        {
            Config = new RecognitionConfig { DiarizationConfig = new SpeakerDiarizationConfig { EnableSpeakerDiarization = true } },
        }));

        Assert.Equal(StatusCode.InvalidArgument, exception.StatusCode);
        Assert.Contains("diarization_config", exception.Message, StringComparison.Ordinal);
    }
}
