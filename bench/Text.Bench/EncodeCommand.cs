using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Inference.Text.Tokenizers;

namespace Inference.Text.Bench;

/// <summary>`encode`: megabytes (UTF-8) a second on one thread, and back.</summary>
internal static class EncodeCommand
{
    public static Command Create()
    {
        Argument<string> path = new("path") { Description = "Directory, tokenizer.json or .gguf file." };
        Option<string?> text = new("--text") { Description = "File with the text." };
        Option<int> letters = new("--letters") { Description = "Instead: one word of so many equal letters." };
        Option<int> runs = new("--runs") { Description = "How often.", DefaultValueFactory = _ => 7 };
        Command command = new("encode", "Time encoding and decoding.") { path, text, letters, runs };
        command.SetAction(result =>
        {
            string content = result.GetValue(text) is { } file ? File.ReadAllText(file) : new string('a', result.GetValue(letters));
            Measure(TokenizerFile.Read(result.GetRequiredValue(path)), content, result.GetValue(runs));
        });
        return command;
    }

    private static void Measure(Tokenizer tokenizer, string text, int runs)
    {
        double megabytes = Encoding.UTF8.GetByteCount(text) / 1e6;
        int[] ids = [];
        double first = Seconds(() => ids = tokenizer.Encode(text, addSpecialTokens: false));
        double encode = Median(runs, () => ids = tokenizer.Encode(text, addSpecialTokens: false));
        double decode = Median(runs, () => tokenizer.Decode(ids));
        Console.WriteLine(
            $"{megabytes:0.00} MB, {ids.Length} tokens: encode {megabytes / encode:0.0} MB/s ({ids.Length / encode / 1e6:0.00} M tokens/s; first time {megabytes / first:0.0} MB/s), decode {megabytes / decode:0.0} MB/s");
    }

    private static double Median(int runs, Action action)
    {
        double[] times = [.. Enumerable.Range(0, runs).Select(_ => Seconds(action)).Order()];
        return times[times.Length / 2];
    }

    private static double Seconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
