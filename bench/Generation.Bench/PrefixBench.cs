using System.Diagnostics;

namespace Inference.Generation.Bench;

/// <summary>Clients that arrive together and share the beginning of their prompts.</summary>
internal static class PrefixBench
{
    public static async Task<string> RunAsync(BenchModel model, BenchArguments arguments, int count)
    {
        await using LlmEngine engine = model.Start(arguments.Engine);
        int[] shared = model.Prompt(arguments.Prompt, 0);
        BenchStream[] streams = [.. Enumerable.Range(0, count).Select(_ => new BenchStream())];
        long begin = Stopwatch.GetTimestamp();
        await Task.WhenAll(streams.Select((s, i) => Task.Run(() => s.RunAsync(engine, [.. shared, .. model.Prompt(arguments.Own, i + 1)], arguments.Tokens, arguments.Temperature, i))));
        TimeSpan wall = Stopwatch.GetElapsedTime(begin);
        double[] first = [.. streams.Select(s => s.FirstToken.TotalMilliseconds)];
        return $"{count} clients, {arguments.Prompt} shared + {arguments.Own}: {streams.Sum(s => s.Tokens) / wall.TotalSeconds:F1} tokens/s, "
            + $"first token p50 {BenchStream.Quantile(first, 0.5):F0} ms, p95 {BenchStream.Quantile(first, 0.95):F0} ms, cached {engine.Statistics.PrefixCacheHits} of {engine.Statistics.PromptTokens}";
    }
}
