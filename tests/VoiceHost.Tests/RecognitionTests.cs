using System.Globalization;
using Google.Protobuf;
using Inference.Contracts.Speech.V1;
using Inference.Rpc;
using Inference.Rpc.Client;
using Inference.TestSupport;
using WireEvent = Inference.Contracts.Speech.V1.StreamingRecognizeResponse.Types.Event;

namespace Inference.VoiceHost.Tests;

/// <summary>RecognitionService over gRPC.</summary>
public class RecognitionTests(ListeningFixture voice) : IClassFixture<ListeningFixture>
{
    private const string Speech = "speech/jfk.wav";

    private static readonly RpcMethod<RecognizeRequest, RecognizeResponse> Recognize = new(RecognitionReflection.Descriptor.Services[0], "Recognize");
    private static readonly RpcMethod<StreamingRecognizeRequest, StreamingRecognizeResponse> Streaming =
        new(RecognitionReflection.Descriptor.Services[0], "StreamingRecognize");

    [SharedDataFact(Speech)]
    public async Task Each_utterance_starts_ends_and_has_one_final_result_whose_words_stand_where_they_were_spoken()
    {
        List<StreamingRecognizeResponse> responses = await StreamAsync(
            new StreamingRecognitionConfig { Recognition = new RecognitionConfig { WordTimes = true } }, Chunks(File.ReadAllBytes(SharedData.Get(Speech))));

        int started = responses.Count(r => r.Event == WireEvent.SpeechStarted);
        StreamingRecognizeResponse[] finals = [.. responses.Where(r => r.Event == WireEvent.Result)];
        Assert.InRange(started, 1, 6);
        Assert.Equal(started, responses.Count(r => r.Event == WireEvent.SpeechEnded));
        Assert.Equal(started, finals.Length);
        Assert.All(finals, r => Assert.True(r.IsFinal));
        Assert.InRange(finals.Sum(r => int.Parse(r.Text, CultureInfo.InvariantCulture)) / 16_000.0, 6, 11.01);
        for (int i = 1; i < finals.Length; i++)
        {
            Assert.True(finals[i].Words[0].Start.ToTimeSpan() >= finals[i - 1].Words[0].End.ToTimeSpan());
        }

        Assert.InRange(finals[^1].Words[0].End.ToTimeSpan(), TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(11.01));
    }

    [SharedDataFact(Speech)]
    public async Task Interim_results_come_where_they_are_asked_for()
    {
        List<StreamingRecognizeResponse> responses = await StreamAsync(
            new StreamingRecognitionConfig { InterimResults = true }, Chunks(File.ReadAllBytes(SharedData.Get(Speech))));

        Assert.Contains(responses, r => r.Event == WireEvent.Result && !r.IsFinal);
    }

    [Fact]
    public async Task Silence_nothing_and_one_sample_give_no_result()
    {
        Assert.Empty(await StreamAsync(new StreamingRecognitionConfig(), Chunks(new byte[64_000])));
        Assert.Empty(await StreamAsync(new StreamingRecognitionConfig(), []));
        Assert.Empty(await StreamAsync(new StreamingRecognitionConfig(), [[0, 0]]));
    }

    [Fact]
    public async Task A_clip_at_another_rate_is_resampled()
    {
        RecognizeResponse response = await voice.Channel.Unary(Recognize, new RecognizeRequest
        {
            Config = new RecognitionConfig { SampleRate = 8_000, Encoding = AudioEncoding.Mulaw },
            Audio = ByteString.CopyFrom(new byte[8_000]),
        });

        Assert.Equal("16000", response.Text);
        Assert.Equal(TimeSpan.FromSeconds(1), response.Duration.ToTimeSpan());
    }

    [Theory]
    [InlineData(96_000, "", "sample rate")]
    [InlineData(16_000, "absent", "model")]
    public async Task What_cannot_be_served_is_refused_by_name(int rate, string model, string field)
    {
        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () => await voice.Channel.Unary(
            Recognize, new RecognizeRequest { Config = new RecognitionConfig { SampleRate = rate, Model = model, Encoding = AudioEncoding.Float32 } }));

        Assert.Equal(StatusCode.InvalidArgument, exception.StatusCode);
        Assert.Contains(field, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_file_ends_the_stream_with_a_clear_error()
    {
        byte[] file = [.. "RIFF\0\0\0\0WAVEfmt "u8, 16, 0, 0, 0, .. new byte[100]];

        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () => await StreamAsync(new StreamingRecognitionConfig(), Chunks(file)));

        Assert.Equal(StatusCode.InvalidArgument, exception.StatusCode);
    }

    [Fact]
    public async Task Audio_before_the_configuration_is_refused()
    {
        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (StreamingRecognizeResponse _ in voice.Channel.Duplex(Streaming, One(new StreamingRecognizeRequest { Audio = ByteString.CopyFrom(1, 2) })))
            {
                Assert.Fail("nothing was to come");
            }
        });

        Assert.Equal(StatusCode.InvalidArgument, exception.StatusCode);
    }

    internal static byte[][] Chunks(byte[] bytes) => [.. bytes.Chunk(640)];

    private static async IAsyncEnumerable<T> One<T>(T item)
    {
        await Task.CompletedTask;
        yield return item;
    }

    private async Task<List<StreamingRecognizeResponse>> StreamAsync(StreamingRecognitionConfig config, byte[][] chunks)
    {
        List<StreamingRecognizeResponse> responses = [];
        await foreach (StreamingRecognizeResponse response in voice.Channel.Duplex(Streaming, Requests()))
        {
            responses.Add(response);
        }

        return responses;

        async IAsyncEnumerable<StreamingRecognizeRequest> Requests()
        {
            await Task.CompletedTask;
            yield return new StreamingRecognizeRequest { Config = config };
            foreach (byte[] chunk in chunks)
            {
                yield return new StreamingRecognizeRequest { Audio = ByteString.CopyFrom(chunk) };
            }
        }
    }
}
