using System.Diagnostics;

namespace Inference.Generation.Bench;

/// <summary>Tokens a second of some answers at once, and what of the time is not the model's.</summary>
internal static class StreamsBench
{
    public static async Task<string> RunAsync(BenchModel model, BenchArguments arguments, int count)
    {
        await using LlmEngine engine = model.Start(arguments.Engine);
        BenchStream[] streams = [.. Enumerable.Range(0, count).Select(_ => new BenchStream())];
        int started = 0;
        (long Time, TimeSpan Spent, int Steps, TimeSpan Processor) begin = default;
        await Task.WhenAll(streams.Select((s, i) => Task.Run(() => s.RunAsync(engine, arguments.Text is { } text ? [.. model.Tokenizer.Encode(text)] : model.Prompt(8, i), arguments.Tokens, arguments.Temperature, i, () =>
        {
            if (Interlocked.Increment(ref started) == count)
                begin = (Stopwatch.GetTimestamp(), model.Model.Spent, model.Model.Steps, Environment.CpuUsage.TotalTime);
        }))));
        TimeSpan wall = Stopwatch.GetElapsedTime(begin.Time);
        TimeSpan inModel = model.Model.Spent - begin.Spent;
        int steps = model.Model.Steps - begin.Steps;
        double tokens = streams.Sum(s => s.Tokens) - count;
        return $"{count,3} streams: {tokens / wall.TotalSeconds,8:F0} tokens/s, step {wall.TotalMicroseconds / steps,8:F0} us, of it model {inModel.TotalMicroseconds / steps,8:F0} us, "
            + $"rest {(wall - inModel).TotalMicroseconds / steps,6:F0} us ({1 - (inModel / wall):P1}), processors {(Environment.CpuUsage.TotalTime - begin.Processor) / wall:F2}"
            + (engine.Statistics.DraftTokens == 0 ? "" : $", {engine.Statistics.AcceptedTokens} of {engine.Statistics.DraftTokens} guesses right");
    }
}
