using System.CommandLine;
using Inference.Models.Architectures;
using Inference.Tensors;
using Inference.Tensors.Cpu;

namespace Inference.Speech.Bench;

/// <summary>`run`: the time of encoding 30 s and of a decoded token, ours and, where its program is given, whisper.cpp's.</summary>
internal static class RunCommand
{
    private const int PromptTokens = 4, DecodedTokens = 256;

    private static readonly Option<string> Model = new("--model") { Description = "A file of whisper.cpp", Required = true };
    private static readonly Option<string> Peer = new("--peer") { Description = "whisper.cpp's program whisper-bench" };
    private static readonly Option<int> Threads = new("--threads") { Description = "Threads", DefaultValueFactory = _ => 2 };
    private static readonly Option<int> Rounds = new("--rounds") { Description = "Rounds; the best of each counts", DefaultValueFactory = _ => 3 };

    public static Command Create()
    {
        Command command = new("run", "Measures a model") { Model, Peer, Threads, Rounds };
        command.SetAction(Run);
        return command;
    }

    private static void Run(ParseResult options)
    {
        string file = options.GetValue(Model)!;
        int threads = options.GetValue(Threads), rounds = options.GetValue(Rounds);
        string? program = options.GetValue(Peer);
        SpeechTimes own = Best(rounds, () => Own(file, threads));
        Console.WriteLine($"{Path.GetFileName(file)}, {threads} threads, best of {rounds}\n");
        Console.WriteLine("| | encode of 30 s, ms | decoded token, ms |\n|---|---|---|");
        Console.WriteLine($"| this engine | {own.Encode:f1} | {own.Token:f2} |");
        if (program is not null)
        {
            SpeechTimes peer = Best(rounds, () => WhisperCpp.Measure(program, file, threads));
            Console.WriteLine($"| whisper.cpp | {peer.Encode:f1} | {peer.Token:f2} |");
            Console.WriteLine($"| times as fast | {peer.Encode / own.Encode:f2} | {peer.Token / own.Token:f2} |");
        }
    }

    private static SpeechTimes Best(int rounds, Func<SpeechTimes> measure)
    {
        SpeechTimes best = new(double.PositiveInfinity, double.PositiveInfinity);
        for (int i = 0; i < rounds; i++)
        {
            SpeechTimes times = measure();
            best = new SpeechTimes(Math.Min(best.Encode, times.Encode), Math.Min(best.Token, times.Token));
        }

        return best;
    }

    private static SpeechTimes Own(string file, int threads)
    {
        TimeProvider time = TimeProvider.System;
        using CpuBackend backend = new(threads);
        using Whisper model = Whisper.Load(file, backend);
        using Tensor mel = Tensor.Allocate(model.Config.MaxFrames, model.Config.MelCount);
        using WhisperDecoder decoder = model.CreateDecoder(1);
        using Tensor warm = model.Encode(mel, 0, mel.Rows);
        decoder.Begin(0, warm);
        long start = time.GetTimestamp();
        using Tensor encoded = model.Encode(mel, 0, mel.Rows);
        decoder.Begin(0, encoded); // whisper.cpp counts the keys and values of cross-attention as encoding.
        double encode = time.GetElapsedTime(start).TotalMilliseconds;

        using Tensor logits = Tensor.Allocate(1, model.Config.VocabularySize);
        decoder.Forward([new WhisperDecodeStep(0, new int[PromptTokens], 0)], logits);
        start = time.GetTimestamp();
        for (int i = 0; i < DecodedTokens; i++)
        {
            decoder.Forward([new WhisperDecodeStep(0, new int[1], PromptTokens + i)], logits);
        }

        return new SpeechTimes(encode, time.GetElapsedTime(start).TotalMilliseconds / DecodedTokens);
    }
}
