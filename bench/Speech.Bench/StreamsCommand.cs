using System.Collections.Concurrent;
using System.CommandLine;
using System.Diagnostics;
using Inference.Contracts.Speech.V1;
using WireEvent = Inference.Contracts.Speech.V1.StreamingRecognizeResponse.Types.Event;

namespace Inference.Speech.Bench;

/// <summary>`streams`: recognition of several streams at once in real time, over gRPC, and whether it lags the longer the more.</summary>
internal static class StreamsCommand
{
    private const int Rate = 16_000;
    private const int PieceBytes = Rate / 50 * sizeof(short);

    private static readonly string[] Questions =
    [
        "What is seven times eight?", "What is the capital of France?", "What is nine times six?", "How many days are in a week?", "What is three plus four?",
    ];

    public static Command Create()
    {
        Option<int> streams = new("--streams") { DefaultValueFactory = _ => 8, Description = "At once" };
        Option<int> seconds = new("--seconds") { DefaultValueFactory = _ => 30, Description = "Of audio in each" };
        Command command = new("streams", "Recognises streams in real time with the bundled recogniser and prints how long after an utterance's end its text comes") { streams, seconds };
        command.SetAction((result, _) => RunAsync(result.GetValue(streams), result.GetValue(seconds)));
        return command;
    }

    private static async Task RunAsync(int streams, int seconds)
    {
        await using LocalVoiceHost host = await LocalVoiceHost.StartAsync();
        byte[] pause = new byte[Rate * sizeof(short) * 3 / 2];
        byte[][] spoken = await Task.WhenAll(Questions.Select(q => host.SpeakAsync(q, "en-us", Rate)));
        TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
        Stopwatch clock = Stopwatch.StartNew();
        ConcurrentBag<(TimeSpan At, TimeSpan Lag)> finals = [];
        ConcurrentBag<(TimeSpan At, TimeSpan Lag)> partials = [];
        await Task.WhenAll(Enumerable.Range(0, streams).Select(async i =>
        {
            // Each begins elsewhere, so that utterances do not end together.
            byte[] audio = [.. new byte[PieceBytes * 13 * i], .. Enumerable.Range(i, seconds).SelectMany(n => (byte[])[.. spoken[n % spoken.Length], .. pause])];
            await ListenAsync(host, audio[..(seconds * Rate * sizeof(short))], finals, partials);
        }));
        cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;

        Console.WriteLine($"{streams} streams of {seconds} s, {cpu / clock.Elapsed:0.00} processors");
        foreach ((string name, ConcurrentBag<(TimeSpan At, TimeSpan Lag)> kind) in new[] { ("final after its utterance's end", finals), ("partial after its audio", partials) })
        {
            TimeSpan half = TimeSpan.FromSeconds(seconds / 2.0);
            Console.WriteLine($"{name}: first half {Share.Describe(kind.Where(f => f.At < half).Select(f => f.Lag))}");
            Console.WriteLine($"{name}: second half {Share.Describe(kind.Where(f => f.At >= half).Select(f => f.Lag))}");
        }
    }

    private static async Task ListenAsync(
        LocalVoiceHost host, byte[] audio, ConcurrentBag<(TimeSpan At, TimeSpan Lag)> finals, ConcurrentBag<(TimeSpan At, TimeSpan Lag)> partials)
    {
        Stopwatch clock = new();
        StreamingRecognitionConfig config = new()
        {
            InterimResults = true,
            Recognition = new RecognitionConfig { Encoding = AudioEncoding.Pcm16, SampleRate = Rate, Language = "en" },
        };
        Queue<TimeSpan> ends = new();
        await foreach (StreamingRecognizeResponse response in host.Client.Speech.StreamingRecognizeAsync(config, Microphone(audio, clock)))
        {
            // Audio is sent when it would be spoken: its time is the clock's.
            TimeSpan now = clock.Elapsed, at = response.Time.ToTimeSpan();
            switch (response.Event)
            {
                case WireEvent.SpeechEnded:
                    ends.Enqueue(at);
                    break;
                case WireEvent.Result when response.IsFinal:
                    finals.Add((now, now - ends.Dequeue()));
                    break;
                case WireEvent.Result:
                    partials.Add((now, now - at));
                    break;
            }
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Microphone(byte[] audio, Stopwatch clock)
    {
        clock.Start();
        for (int at = 0; at < audio.Length; at += PieceBytes)
        {
            TimeSpan early = TimeSpan.FromSeconds((at + PieceBytes) / (double)(Rate * sizeof(short))) - clock.Elapsed;
            await Task.Delay(early > TimeSpan.Zero ? early : TimeSpan.Zero);
            yield return audio.AsMemory(at, Math.Min(PieceBytes, audio.Length - at));
        }
    }
}
