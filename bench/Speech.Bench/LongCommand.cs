using System.CommandLine;
using System.Diagnostics;
using Inference.Contracts.Speech.V1;

namespace Inference.Speech.Bench;

/// <summary>`long`: hours of speech through one stream as fast as it is taken, and whether memory or lag grow.</summary>
internal static class LongCommand
{
    private const int Rate = 16_000;
    private const int PieceBytes = Rate / 10 * sizeof(short);
    private const int Reports = 12;

    public static Command Create()
    {
        Option<double> hours = new("--hours") { DefaultValueFactory = _ => 3, Description = "Of audio" };
        Command command = new("long", "Streams hours of audio to the bundled recogniser, faster than real time, and prints memory and lag as they pass") { hours };
        command.SetAction((result, _) => RunAsync(TimeSpan.FromHours(result.GetValue(hours))));
        return command;
    }

    private static async Task RunAsync(TimeSpan length)
    {
        await using LocalVoiceHost host = await LocalVoiceHost.StartAsync();
        byte[] question = [.. await host.SpeakAsync("What is seven times eight?", "en-us", Rate), .. new byte[Rate * sizeof(short) * 2]];
        long total = (long)(length.TotalSeconds * Rate) * sizeof(short), sent = 0;
        TimeSpan longest = TimeSpan.Zero, next = TimeSpan.Zero;
        Stopwatch clock = Stopwatch.StartNew();
        int finals = 0;
        await foreach (StreamingRecognizeResponse response in host.Client.Speech.StreamingRecognizeAsync(new StreamingRecognitionConfig(), Audio()))
        {
            if (!response.IsFinal)
            {
                continue;
            }

            finals++;
            TimeSpan at = response.Time.ToTimeSpan(), lag = TimeSpan.FromSeconds(Volatile.Read(ref sent) / (double)(Rate * sizeof(short))) - at;
            longest = lag > longest ? lag : longest;
            if (at >= next)
            {
                Console.WriteLine(
                    $"{at:hh\\:mm\\:ss} of audio after {clock.Elapsed:mm\\:ss}: {finals} utterances, sent ahead by {longest.TotalSeconds:0.0} s at most, " +
                    $"{GC.GetTotalMemory(true) >> 20} MiB managed, {Environment.WorkingSet >> 20} MiB resident");
                (next, longest) = (at + (length / Reports), TimeSpan.Zero);
            }
        }

        Console.WriteLine($"{length} took {clock.Elapsed}: {finals} utterances of {total / question.Length}, {Environment.WorkingSet >> 20} MiB resident");

        async IAsyncEnumerable<ReadOnlyMemory<byte>> Audio()
        {
            await Task.CompletedTask;
            while (Interlocked.Read(ref sent) < total)
            {
                for (int at = 0; at < question.Length; at += PieceBytes)
                {
                    int bytes = Math.Min(PieceBytes, question.Length - at);
                    Interlocked.Add(ref sent, bytes);
                    yield return question.AsMemory(at, bytes);
                }
            }
        }
    }
}
