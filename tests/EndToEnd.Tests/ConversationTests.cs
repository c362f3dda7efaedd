using System.Diagnostics;
using Google.Protobuf;
using Inference.ClientLib;
using Inference.Contracts.Speech.V1;
using Inference.VoiceHost;
using Xunit.Abstractions;

namespace Inference.EndToEnd.Tests;

/// <summary>A spoken question to its spoken answer: two real hosts, the bundled recogniser and model, espeak-ng.</summary>
public class ConversationTests(VoiceServer voice, ITestOutputHelper output) : IClassFixture<VoiceServer>
{
    private const int WavHeaderBytes = 44;
    private static readonly TimeSpan Chunk = TimeSpan.FromMilliseconds(20);

    [SpokenFact]
    public async Task A_spoken_question_is_understood_answered_rightly_and_the_answer_spoken()
    {
        await using RunningServer model = await RunningServer.StartAsync(DemoFactAttribute.Path);
        await using VoiceHostServer host = await VoiceServer.StartAsync(("Conversation:Server", model.Channel.Address.ToString()), ("Conversation:Temperature", "0"));
        using InferenceClient client = new(host.GrpcAddress);
        ConversationConfig config = new() { Recognition = new RecognitionConfig { Encoding = AudioEncoding.Pcm16, SampleRate = VoiceServer.EspeakRate } };
        TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        List<ConverseResponse> responses = [];
        await foreach (ConverseResponse response in client.Speech.ConverseAsync(config, Microphone(File.ReadAllBytes(voice.Question)[WavHeaderBytes..], answered.Task)))
        {
            responses.Add(response);
            if (response.Speaking is { State: SpeakingChange.Types.State.Finished })
            {
                answered.TrySetResult();
            }
        }

        UserTurn turn = Assert.Single(responses, r => r.UserTurn is not null).UserTurn;
        string answer = string.Concat(responses.Select(r => r.AnswerDelta?.Text));
        TurnMetrics metrics = Assert.Single(responses, r => r.Metrics is not null).Metrics;
        SpeakingAudio[] audio = [.. responses.Select(r => r.Audio).OfType<SpeakingAudio>()];
        output.WriteLine(
            $"\"{turn.Text}\" -> \"{answer}\": voice to voice {Milliseconds(metrics.VoiceToVoice)} = end of utterance {Milliseconds(metrics.EndOfUtterance)} " +
            $"(transcript after {Milliseconds(metrics.Transcript)}) + first token {Milliseconds(metrics.FirstToken)} + first audio {Milliseconds(metrics.FirstAudio)}");
        Assert.Equal(VoiceServer.QuestionText, turn.Text);
        Assert.Contains("56", answer);
        Assert.InRange(audio.Sum(a => a.Audio.Length / 2.0 / a.SampleRate), 0.5, 20);
        Assert.All(
            audio.SelectMany(a => a.Marks).Where(m => m.Kind == SpeechMark.Types.Kind.Word), m => Assert.NotEqual("", answer.Substring(m.TextOffset, m.TextLength).Trim()));
        Assert.Equal(metrics.VoiceToVoice, metrics.EndOfUtterance + metrics.FirstToken + metrics.FirstAudio);
    }

    private static string Milliseconds(Google.Protobuf.WellKnownTypes.Duration time) => $"{time.ToTimeSpan().TotalMilliseconds:0} ms";

    /// <summary>Samples as they would be spoken, then silence until there is an answer.</summary>
    private static async IAsyncEnumerable<ConverseRequest> Microphone(byte[] samples, Task answered)
    {
        int piece = (int)(VoiceServer.EspeakRate * Chunk.TotalSeconds) * sizeof(short);
        Stopwatch clock = Stopwatch.StartNew();
        for (int i = 0; !answered.IsCompleted; i++)
        {
            yield return new ConverseRequest { Audio = ByteString.CopyFrom(Piece(samples, i * piece, piece)) };
            TimeSpan early = ((i + 1) * Chunk) - clock.Elapsed;
            await Task.Delay(early > TimeSpan.Zero ? early : TimeSpan.Zero);
        }
    }

    private static byte[] Piece(byte[] samples, int start, int length)
    {
        byte[] piece = new byte[length];
        if (start < samples.Length)
        {
            samples.AsSpan(start, Math.Min(length, samples.Length - start)).CopyTo(piece);
        }

        return piece;
    }
}
