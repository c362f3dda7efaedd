using System.CommandLine;
using Inference.Models.Architectures;
using Inference.Tensors;
using Inference.Tensors.Cpu;

namespace Inference.Speech.Bench;

/// <summary>`run`: the time of encoding 30 s and of a decoded token, ours and, where its program is given, whisper.cpp's.</summary>
internal static class RunCommand
{
    private const int DecodedTokens = 256;

    private static readonly Option<string> Model = new("--model") { Description = "A file of whisper.cpp", Required = true };
    private static readonly Option<string> Peer = new("--peer") { Description = "whisper.cpp's program whisper-bench" };
    private static readonly Option<int> Threads = new("--threads") { Description = "Threads", DefaultValueFactory = _ => 2 };
    private static readonly Option<int> Pairs = new("--pairs") { Description = "Measurements of each, in turn; the medians count", DefaultValueFactory = _ => 5 };

    public static Command Create()
    {
        Command command = new("run", "Measures a model") { Model, Peer, Threads, Pairs };
        command.SetAction(Run);
        return command;
    }

    private static void Run(ParseResult options)
    {
        string file = options.GetValue(Model)!;
        int threads = options.GetValue(Threads), pairs = options.GetValue(Pairs);
        string? program = options.GetValue(Peer);
        List<SpeechTimes> own = [], peer = [];
        for (int pair = 0; pair < pairs; pair++)
        {
            // The order alternates, so that a machine that grows hotter or busier favours none.
            foreach (bool ours in pair % 2 == 0 ? (bool[])[true, false] : [false, true])
            {
                if (ours)
                {
                    own.Add(Own(file, threads));
                }
                else if (program is not null)
                {
                    peer.Add(WhisperCpp.Measure(program, file, threads));
                }
            }
        }

        Console.WriteLine($"{Path.GetFileName(file)}, {threads} threads, medians of {pairs}\n");
        Console.WriteLine("| | encode of 30 s, ms | decoded token, ms |\n|---|---|---|");
        Console.WriteLine($"| this engine | {Median(own, t => t.Encode):f1} | {Median(own, t => t.Token):f2} |");
        if (program is not null)
        {
            List<SpeechTimes> ratios = [.. peer.Zip(own, (p, o) => new SpeechTimes(p.Encode / o.Encode, p.Token / o.Token))];
            Console.WriteLine($"| whisper.cpp | {Median(peer, t => t.Encode):f1} | {Median(peer, t => t.Token):f2} |");
            Console.WriteLine($"| times as fast | {Spread(ratios, t => t.Encode)} | {Spread(ratios, t => t.Token)} |");
        }
    }

    private static double Median(List<SpeechTimes> times, Func<SpeechTimes, double> what)
    {
        double[] sorted = [.. times.Select(what).Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Spread(List<SpeechTimes> ratios, Func<SpeechTimes, double> what) =>
        $"{Median(ratios, what):f2} ({ratios.Min(what):f2} to {ratios.Max(what):f2})";

    private static SpeechTimes Own(string file, int threads)
    {
        TimeProvider time = TimeProvider.System;
        using CpuBackend backend = new(threads);
        using Whisper model = Whisper.Load(file, backend);
        using Tensor mel = Tensor.Allocate(model.Config.MaxFrames, model.Config.MelCount);
        using WhisperDecoder decoder = model.CreateDecoder(1);
        using Tensor logits = Tensor.Allocate(1, model.Config.VocabularySize);
        double encode = 0, token = 0;

        // The last of three rounds counts, as whisper-bench has it.
        for (int round = 0; round < 3; round++)
        {
            long start = time.GetTimestamp();
            using Tensor encoded = model.Encode(mel, 0, mel.Rows);
            decoder.Begin(0, encoded); // whisper.cpp counts the keys and values of cross-attention as encoding.
            encode = time.GetElapsedTime(start).TotalMilliseconds;
            start = time.GetTimestamp();
            for (int i = 0; i < DecodedTokens; i++)
            {
                decoder.Forward([new WhisperDecodeStep(0, new int[1], i)], logits);
            }

            token = time.GetElapsedTime(start).TotalMilliseconds / DecodedTokens;
        }

        return new SpeechTimes(encode, token);
    }
}
