using Google.Protobuf;
using Inference.ClientLib;
using Inference.Contracts.Speech.V1;
using Inference.TestSupport;

namespace Inference.VoiceHost.Tests;

/// <summary>Audio without speech, or without end, to the bundled recogniser.</summary>
public sealed class HostileAudioTests(VoiceFixture voice) : IClassFixture<VoiceFixture>, IDisposable
{
    private const int Rate = 16_000;

    private readonly InferenceClient _client = new(voice.GrpcAddress);

    public static TheoryData<string> Sounds() => ["nothing", "one sample", "silence", "noise", "tone", "clicks"];

    [Theory]
    [MemberData(nameof(Sounds))]
    public async Task What_is_no_speech_gives_no_text_and_no_answer(string sound)
    {
        byte[] audio = Make(sound);

        List<StreamingRecognizeResponse> recognised = [];
        await foreach (StreamingRecognizeResponse response in _client.Speech.StreamingRecognizeAsync(new StreamingRecognitionConfig { InterimResults = true }, Pieces(audio)))
        {
            recognised.Add(response);
        }

        List<ConverseResponse> conversed = [];
        await foreach (ConverseResponse response in _client.Speech.ConverseAsync(new ConversationConfig(), Requests(audio)))
        {
            conversed.Add(response);
        }

        Assert.Empty(recognised);
        Assert.Empty(conversed);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("one sample")]
    public async Task A_clip_of_nothing_is_an_empty_text(string sound)
    {
        RecognizeResponse response = await _client.Speech.RecognizeAsync(new RecognizeRequest { Audio = ByteString.CopyFrom(Make(sound)) });

        Assert.Equal("", response.Text);
        Assert.InRange(response.Duration.ToTimeSpan(), TimeSpan.Zero, TimeSpan.FromMilliseconds(0.1));
    }

    [ToolFact("sox")]
    public async Task A_clip_of_three_hours_in_few_bytes_is_refused_by_its_length()
    {
        using TemporaryDirectory directory = new();
        string file = directory.File("long.flac");
        CommandLineTool.Run("sox", "-n", "-D", "-r", "8000", "-b", "16", "-c", "1", file, "trim", "0", "3:00:00");

        InvalidRequestException exception = await Assert.ThrowsAsync<InvalidRequestException>(
            () => _client.Speech.RecognizeAsync(new RecognizeRequest { Audio = ByteString.CopyFrom(File.ReadAllBytes(file)) }));

        Assert.Equal("audio", exception.FieldViolations[0].Field);
        Assert.Contains("00:01:00", exception.Message, StringComparison.Ordinal);
        Assert.InRange(new FileInfo(file).Length, 1, 4 << 20);
    }

    [Fact]
    public async Task Audio_that_comes_faster_than_it_is_understood_is_read_no_faster_and_all_of_it_is_understood()
    {
        const int Questions = 60;
        List<byte> spoken = [];
        await foreach (SynthesizeResponse piece in _client.Speech.SynthesizeAsync(new SynthesizeRequest { Text = "What is seven times eight?", SampleRate = Rate }))
        {
            spoken.AddRange(piece.Audio.Span);
        }

        spoken.AddRange(new byte[Rate * sizeof(short) * 3 / 2]);
        byte[] audio = [.. Enumerable.Repeat(spoken, Questions).SelectMany(s => s)];
        int sent = 0;
        List<(TimeSpan At, TimeSpan Ahead)> finals = [];
        await foreach (StreamingRecognizeResponse response in _client.Speech.StreamingRecognizeAsync(new StreamingRecognitionConfig(), Counted()))
        {
            if (response.IsFinal)
            {
                finals.Add((response.Time.ToTimeSpan(), TimeSpan.FromSeconds((double)Volatile.Read(ref sent) / sizeof(short) / Rate) - response.Time.ToTimeSpan()));
            }
        }

        Assert.Equal(Questions, finals.Count);
        Assert.Equal(finals.OrderBy(f => f.At), finals);
        Assert.InRange(finals[^1].At.TotalSeconds, (audio.Length / 2.0 / Rate) - 3, audio.Length / 2.0 / Rate);
        // Five utterances wait, one is understood and one is cut; HTTP/2 takes 768 KiB ahead, and this client may be slow to look.
        Assert.InRange(finals.Max(f => f.Ahead.TotalSeconds), 0, ((7 * spoken.Count) + (2 << 20)) / 2.0 / Rate);

        async IAsyncEnumerable<ReadOnlyMemory<byte>> Counted()
        {
            await foreach (ReadOnlyMemory<byte> piece in Pieces(audio))
            {
                Interlocked.Add(ref sent, piece.Length);
                yield return piece;
            }
        }
    }

    [Fact]
    public async Task A_message_over_the_limit_is_refused_by_its_size()
    {
        ServerBusyException exception = await Assert.ThrowsAsync<ServerBusyException>(
            () => _client.Speech.RecognizeAsync(new RecognizeRequest { Audio = ByteString.CopyFrom(new byte[(32 << 20) + 1]) }));

        Assert.Contains((32 << 20).ToString(System.Globalization.CultureInfo.InvariantCulture), exception.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _client.Dispose();

    private static byte[] Make(string sound)
    {
        Random random = new(1);
        float[] samples = sound switch
        {
            "nothing" => [],
            "one sample" => [0.5f],
            "silence" => new float[Rate * 3],
            "noise" => [.. Enumerable.Range(0, Rate * 3).Select(_ => (random.NextSingle() - 0.5f) * 0.5f)],
            "tone" => [.. Enumerable.Range(0, Rate * 3).Select(i => 0.3f * MathF.Sin(i * MathF.Tau * 440 / Rate))],
            _ => [.. Enumerable.Range(0, Rate * 3).Select(i => i % (Rate / 2) == 0 ? 0.9f : 0)],
        };
        return [.. samples.SelectMany(s => BitConverter.GetBytes((short)(s * short.MaxValue)))];
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Pieces(byte[] audio)
    {
        await Task.CompletedTask;
        foreach (byte[] piece in audio.Chunk(640))
        {
            yield return piece;
        }
    }

    private static async IAsyncEnumerable<ConverseRequest> Requests(byte[] audio)
    {
        await foreach (ReadOnlyMemory<byte> piece in Pieces(audio))
        {
            yield return new ConverseRequest { Audio = ByteString.CopyFrom(piece.Span) };
        }
    }
}
