using System.CommandLine;
using Inference.Models;
using Inference.Models.Architectures;
using Inference.Tensors;
using Inference.Tensors.Cpu;

namespace Inference.Speech.Bench;

/// <summary>`vits`: the real-time factor of a VITS voice and the time to its first audio, in the shapes of Piper's and of MMS's voices.</summary>
internal static class VitsCommand
{
    // Piper's symbols a second of speech: 15 phonemes, each with a blank.
    private const double SymbolsPerSecond = 30;

    private static readonly Option<string> Shape = new("--shape") { Description = $"One of {string.Join(", ", VitsShapes.Names)}", DefaultValueFactory = _ => "piper-medium" };
    private static readonly Option<string> Model = new("--model") { Description = "A voice of your own instead: an .onnx of Piper or a directory" };
    private static readonly Option<int> Threads = new("--threads") { Description = "Threads", DefaultValueFactory = _ => 2 };
    private static readonly Option<int> Rounds = new("--rounds") { Description = "Rounds; the best of each counts", DefaultValueFactory = _ => 5 };
    private static readonly Option<double> Seconds = new("--seconds") { Description = "Length of the sentence", DefaultValueFactory = _ => 4 };

    public static Command Create()
    {
        Command command = new("vits", "Measures synthesis with random weights, or with a voice") { Shape, Model, Threads, Rounds, Seconds };
        command.SetAction(Run);
        return command;
    }

    private static void Run(ParseResult options)
    {
        TimeProvider time = TimeProvider.System;
        string shape = options.GetValue(Shape)!;
        (VitsConfig config, int rate) = VitsShapes.Find(shape);
        string? path = options.GetValue(Model);
        DirectoryInfo? made = path is null ? Directory.CreateTempSubdirectory("vits-bench-") : null;
        try
        {
            if (made is not null)
            {
                RandomVits.WriteHuggingFace(path = made.FullName, config, DType.F32, 1, rate);
            }

            using CpuBackend backend = new(options.GetValue(Threads));
            long start = time.GetTimestamp();
            using Vits model = Vits.Load(path!, backend);
            double load = time.GetElapsedTime(start).TotalMilliseconds;
            VitsTimes best = VitsTimes.Worst;
            for (int i = 0; i < options.GetValue(Rounds) + 1; i++)
            {
                VitsTimes times = VitsTimes.Measure(model, rate, (int)(options.GetValue(Seconds) * SymbolsPerSecond), options.GetValue(Seconds), time);
                best = i == 0 ? best : best.Best(times);
            }

            Console.WriteLine($"{(made is null ? Path.GetFileName(path) : shape)}, {backend.Name}, best of {options.GetValue(Rounds)}, {best.Audio:f1} s of audio at {rate} Hz\n");
            Console.WriteLine("| load, ms | to durations, ms | first 0.1 s of audio, ms | whole in slices, ms | real-time factor |\n|---|---|---|---|---|");
            Console.WriteLine($"| {load:f0} | {best.Encode:f1} | {best.First:f1} | {best.Whole:f1} | {best.Whole / 1000 / best.Audio:f3} |");
        }
        finally
        {
            made?.Delete(recursive: true);
        }
    }
}
