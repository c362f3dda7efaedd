using System.Diagnostics;

namespace Inference.Generation.Bench;

/// <summary>How much a long prompt stretches the time between tokens of running streams.</summary>
internal static class PrefillBench
{
    private const int TokensBefore = 48;

    public static async Task<string> RunAsync(BenchModel model, BenchArguments arguments, int count)
    {
        LlmEngineOptions options = arguments.Engine;
        int most = model.Model.Config.ContextLength - 64;
        await using LlmEngine engine = model.Start(options with { KvCacheBlocks = ((model.Model.Config.ContextLength * 2) / options.BlockLength) + (count * 256) });
        BenchStream[] streams = [.. Enumerable.Range(0, count).Select(_ => new BenchStream())];
        using CancellationTokenSource done = new();
        Task running = Task.WhenAll(streams.Select((s, i) => Task.Run(() => RunUntilAsync(s, i))));
        while (streams.Any(s => s.Tokens < TokensBefore))
            await Task.Delay(5);
        long begin = Stopwatch.GetTimestamp();
        BenchStream prompt = new();
        await Task.Run(() => prompt.RunAsync(engine, model.Prompt(Math.Min(arguments.Prompt, most), 1_000), 2, 0, 1_000));
        long end = prompt.Arrivals[0];
        await done.CancelAsync();
        await running;

        double[] without = [.. streams.SelectMany(s => s.Gaps(s.Arrivals[8], begin))];
        double[] with = [.. streams.SelectMany(s => s.Gaps(begin, end))];
        (double p50, double p99) = (BenchStream.Quantile(with, 0.5) / BenchStream.Quantile(without, 0.5), BenchStream.Quantile(with, 0.99) / BenchStream.Quantile(without, 0.99));
        return $"{count} streams: between tokens p50 {BenchStream.Quantile(without, 0.5):F1} ms, p99 {BenchStream.Quantile(without, 0.99):F1} ms; "
            + $"during a prompt of {Math.Min(arguments.Prompt, most)} p50 {BenchStream.Quantile(with, 0.5):F1} ms, p99 {BenchStream.Quantile(with, 0.99):F1} ms ({p50:F2}x, {p99:F2}x); "
            + $"prompt after {prompt.FirstToken.TotalSeconds:F2} s ({Math.Min(arguments.Prompt, most) / prompt.FirstToken.TotalSeconds:F0} tokens/s)";

        async Task RunUntilAsync(BenchStream stream, int seed)
        {
            while (!done.IsCancellationRequested)
                await stream.RunAsync(engine, model.Prompt(32, seed), Math.Min(2_000, most - 64), 0, seed, null, done.Token);
        }
    }
}
