using System.Buffers;
using Inference.Contracts.Speech.V1;
using Inference.Rpc;
using Inference.Rpc.Client;
using Inference.Speech.Audio;
using WireEncoding = Inference.Contracts.Speech.V1.AudioEncoding;

namespace Inference.VoiceHost.Tests;

/// <summary>SpeechService over gRPC, spoken by espeak-ng.</summary>
public class SynthesizeTests(VoiceFixture voice) : IClassFixture<VoiceFixture>
{
    private const string Text = "Seven times eight is fifty six. What is nine times nine?";

    private static readonly RpcMethod<SynthesizeRequest, SynthesizeResponse> Synthesize = new(SpeechReflection.Descriptor.Services[0], "Synthesize");
    private static readonly RpcMethod<ListVoicesRequest, ListVoicesResponse> ListVoices = new(SpeechReflection.Descriptor.Services[0], "ListVoices");

    [Fact]
    public async Task Voices_are_listed_by_language()
    {
        ListVoicesResponse all = await voice.Channel.Unary(ListVoices, new ListVoicesRequest());
        ListVoicesResponse english = await voice.Channel.Unary(ListVoices, new ListVoicesRequest { Language = "en" });

        Assert.InRange(all.Voices.Count, 50, 1_000);
        Assert.All(["de", "cmn", "vi"], language => Assert.Contains(all.Voices, v => v.Language == language));
        Assert.All(english.Voices, v => Assert.StartsWith("en", v.Language));
        Assert.InRange(english.Voices.Count, 2, all.Voices.Count - 1);
        Assert.Contains("teasing", all.Emotions);
    }

    [Fact]
    public async Task A_text_is_spoken_without_gaps_and_every_word_is_marked_where_it_is_heard()
    {
        List<SynthesizeResponse> responses = await SpeakAsync(new SynthesizeRequest { Text = Text });

        TimeSpan at = TimeSpan.Zero;
        foreach (SynthesizeResponse response in responses)
        {
            Assert.InRange((response.Start.ToTimeSpan() - at).Duration(), TimeSpan.Zero, TimeSpan.FromMilliseconds(0.1));
            TimeSpan end = at + TimeSpan.FromSeconds(response.Audio.Length / 2.0 / response.SampleRate);
            Assert.All(response.Marks, m => Assert.InRange(m.Time.ToTimeSpan(), at - TimeSpan.FromMilliseconds(0.1), end));
            at = end;
        }

        string[] words = [.. responses.SelectMany(r => r.Marks).Where(m => m.Kind == SpeechMark.Types.Kind.Word).Select(m => Text.Substring(m.TextOffset, m.TextLength).Trim('.', '?'))];
        Assert.Equal(["Seven", "times", "eight", "is", "fifty", "six", "What", "is", "nine", "times", "nine"], words);
        Assert.Equal(2, responses.SelectMany(r => r.Marks).Count(m => m.Kind == SpeechMark.Types.Kind.Sentence));
        Assert.InRange(at, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(8));
    }

    [Theory]
    [InlineData(WireEncoding.Wav, 16_000)]
    [InlineData(WireEncoding.Float32, 48_000)]
    [InlineData(WireEncoding.Mulaw, 8_000)]
    [InlineData(WireEncoding.Alaw, 8_000)]
    [InlineData(WireEncoding.OggOpus, 0)]
    public async Task Every_encoding_holds_the_same_speech(WireEncoding encoding, int rate)
    {
        List<SynthesizeResponse> plain = await SpeakAsync(new SynthesizeRequest { Text = Text });
        List<SynthesizeResponse> coded = await SpeakAsync(new SynthesizeRequest { Text = Text, Encoding = encoding, SampleRate = rate });
        double seconds = plain.Sum(r => r.Audio.Length) / 2.0 / plain[0].SampleRate;

        Speech.Audio.AudioEncoding kind = encoding switch
        {
            WireEncoding.Float32 => Speech.Audio.AudioEncoding.Float32,
            WireEncoding.Mulaw => Speech.Audio.AudioEncoding.MuLaw,
            WireEncoding.Alaw => Speech.Audio.AudioEncoding.ALaw,
            _ => Speech.Audio.AudioEncoding.Auto,
        };
        float[] expected = Decode(plain, Speech.Audio.AudioEncoding.Pcm16);
        float[] actual = Decode(coded, kind);
        Assert.All(coded, r => Assert.Equal(rate == 0 ? 48_000 : rate, r.SampleRate));
        Assert.InRange(actual.Length / 16_000.0, seconds - 0.001, seconds + 0.001);

        // Telephony and Opus keep what is below their bands' ends; loudness over pieces of 50 ms shows that the same is said at the same time.
        double[] loud = Loudness(expected), heard = Loudness(actual);
        Assert.InRange(Correlation(loud, heard[..loud.Length]), 0.95, 1.0001);
    }

    [Fact]
    public async Task Speed_emotion_and_ssml_change_the_audio_and_a_named_mark_is_told()
    {
        double plain = Seconds(await SpeakAsync(new SynthesizeRequest { Text = Text }));
        double fast = Seconds(await SpeakAsync(new SynthesizeRequest { Text = Text, Rate = 2 }));
        double sulking = Seconds(await SpeakAsync(new SynthesizeRequest { Text = Text, Emotion = "sulking" }));
        List<SynthesizeResponse> ssml = await SpeakAsync(new SynthesizeRequest { Ssml = "<speak>One <break time=\"1s\"/> two <mark name=\"here\"/> three.</speak>" });

        Assert.InRange(fast / plain, 0.35, 0.65);
        Assert.InRange(sulking / plain, 1.05, 1.4);
        SpeechMark named = Assert.Single(ssml.SelectMany(r => r.Marks), m => m.Kind == SpeechMark.Types.Kind.Named);
        Assert.Equal("here", named.Name);
        Assert.InRange(named.Time.ToTimeSpan().TotalSeconds, 1.2, Seconds(ssml));
    }

    [Theory]
    [InlineData("voice", "no-such-voice", 0, 0f)]
    [InlineData("sample_rate", "7999", 7_999, 0f)]
    [InlineData("rate", "9", 0, 9f)]
    public async Task What_cannot_be_spoken_is_refused_by_field(string field, string named, int sampleRate, float rate)
    {
        SynthesizeRequest request = new() { Text = Text, SampleRate = sampleRate, Voice = field == "voice" ? named : "" };
        if (rate > 0)
        {
            request.Rate = rate;
        }

        RpcException error = await Assert.ThrowsAsync<RpcException>(() => SpeakAsync(request));

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Equal(field, error.FieldViolations[0].Field);
        Assert.Contains(named, error.FieldViolations[0].Description);
    }

    [Fact]
    public async Task No_input_and_broken_markup_are_refused_and_an_empty_text_is_silent()
    {
        RpcException none = await Assert.ThrowsAsync<RpcException>(() => SpeakAsync(new SynthesizeRequest()));
        RpcException broken = await Assert.ThrowsAsync<RpcException>(() => SpeakAsync(new SynthesizeRequest { Ssml = "<speak>a<b></speak>" }));

        Assert.Equal("input", none.FieldViolations[0].Field);
        Assert.Equal("ssml", broken.FieldViolations[0].Field);
        Assert.Empty(await SpeakAsync(new SynthesizeRequest { Text = "  " }));
    }

    [Fact]
    public async Task Many_streams_at_once_with_readers_that_leave_harm_nobody()
    {
        string lesson = string.Concat(Enumerable.Repeat(Text + " ", 40));
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async i =>
        {
            int read = 0;
            await foreach (SynthesizeResponse response in voice.Channel.ServerStream(Synthesize, new SynthesizeRequest { Text = lesson }))
            {
                Assert.NotEmpty(response.Audio);
                if (++read > i % 4)
                {
                    break;
                }
            }
        }));

        Assert.NotEmpty(await SpeakAsync(new SynthesizeRequest { Text = Text }));
    }

    private async Task<List<SynthesizeResponse>> SpeakAsync(SynthesizeRequest request)
    {
        List<SynthesizeResponse> responses = [];
        await foreach (SynthesizeResponse response in voice.Channel.ServerStream(Synthesize, request))
        {
            responses.Add(response);
        }

        return responses;
    }

    private static double Seconds(List<SynthesizeResponse> responses) => responses.Sum(r => r.Audio.Length) / 2.0 / responses[0].SampleRate;

    private static float[] Decode(List<SynthesizeResponse> responses, Speech.Audio.AudioEncoding encoding)
    {
        using MonoReader reader = new(AudioDecoders.Create(encoding, new AudioFormat(responses[0].SampleRate, 1)), 16_000);
        ArrayBufferWriter<float> output = new();
        foreach (SynthesizeResponse response in responses)
        {
            reader.Push(response.Audio.Span, output);
        }

        reader.Complete(output);
        return output.WrittenSpan.ToArray();
    }

    private static double[] Loudness(float[] samples) => [.. samples.Chunk(800).Where(c => c.Length == 800).Select(c => Math.Sqrt(c.Average(s => (double)s * s)))];

    private static double Correlation(double[] a, double[] b)
    {
        (double meanA, double meanB) = (a.Average(), b.Average());
        double product = a.Zip(b).Sum(p => (p.First - meanA) * (p.Second - meanB));
        return product / Math.Sqrt(a.Sum(x => (x - meanA) * (x - meanA)) * b.Sum(x => (x - meanB) * (x - meanB)));
    }
}
