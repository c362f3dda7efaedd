using System.CommandLine;
using System.Diagnostics;
using Inference.Text.Tokenizers;

namespace Inference.Text.Bench;

/// <summary>`load`: times reading a tokenizer, the first in the process and later ones.</summary>
internal static class LoadCommand
{
    public static Command Create()
    {
        Argument<string> path = new("path") { Description = "Directory, tokenizer.json or .gguf file." };
        Option<int> runs = new("--runs") { Description = "How often.", DefaultValueFactory = _ => 15 };
        Command command = new("load", "Time reading a tokenizer.") { path, runs };
        command.SetAction(result => Measure(result.GetRequiredValue(path), result.GetValue(runs)));
        return command;
    }

    private static void Measure(string path, int runs)
    {
        List<double> times = [], processor = [];
        Tokenizer? tokenizer = null;
        for (int i = 0; i < runs; i++)
        {
            long start = Stopwatch.GetTimestamp();
            TimeSpan used = Environment.CpuUsage.TotalTime;
            tokenizer = TokenizerFile.Read(path);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            processor.Add((Environment.CpuUsage.TotalTime - used).TotalMilliseconds);
        }

        long encode = Stopwatch.GetTimestamp();
        int count = tokenizer!.Encode("Hello, world! 1234").Length;
        double first = Stopwatch.GetElapsedTime(encode).TotalMilliseconds;
        Console.WriteLine($"{tokenizer.VocabularySize} entries; first encoding, of {count} tokens, {first:0.00} ms");
        Print("elapsed", times);
        Print("processor time, compiler and collector included", processor);
    }

    private static void Print(string name, List<double> times)
    {
        double[] later = [.. times.Skip(1).Order()];
        Console.WriteLine($"  {name}: first {times[0]:0.0} ms" + (later.Length == 0 ? "" : $", later median {later[later.Length / 2]:0.0} ms, best {later[0]:0.0} ms"));
    }
}
