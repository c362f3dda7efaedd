using System.Diagnostics;

namespace Inference.Peers.Bench;

/// <summary>What is done with a contender and a model to get the values of some metrics.</summary>
internal static class Rows
{
    private const int Clients = 8;
    private const int LongPromptTokens = 8192;

    /// <summary>The rows by name.</summary>
    public static readonly IReadOnlyDictionary<string, Func<IContender, string, CancellationToken, Task<IReadOnlyDictionary<string, double>>>> All =
        new Dictionary<string, Func<IContender, string, CancellationToken, Task<IReadOnlyDictionary<string, double>>>>
        {
            ["single"] = (contender, model, cancellation) => contender.PrefillAndDecodeAsync(model, cancellation),
            ["batched"] = (contender, model, cancellation) => contender.BatchedDecodeAsync(model, cancellation),
            ["clients"] = ClientsAsync,
            ["start"] = StartAsync,
            ["evenness"] = EvennessAsync,
        };

    /// <summary>8 streams with 512 tokens of prompt in common and 32 of their own, 64 generated, on a server that has answered nothing before.</summary>
    private static async Task<IReadOnlyDictionary<string, double>> ClientsAsync(IContender contender, string model, CancellationToken cancellation)
    {
        const int Answer = 64;
        await using Server server = await Server.StartAsync(contender, model, Clients, Clients * 1024, cancellation);
        int[] shared = Tokens(512, seed: 0);
        long start = Stopwatch.GetTimestamp();
        StreamTimes[] streams = await Task.WhenAll(
            Enumerable.Range(1, Clients).Select(i => server.StreamAsync([.. shared, .. Tokens(32, i)], Answer, cancellation)));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double[] first = [.. streams.Select(s => s.FirstToken.TotalSeconds)];
        return new Dictionary<string, double>
        {
            [Metrics.ClientsThroughput] = Clients * Answer / seconds,
            [Metrics.ClientsFirstTokenMedian] = Quantile(first, 0.5),
            [Metrics.ClientsFirstTokenTail] = Quantile(first, 0.95),
            [Metrics.ClientsMemory] = server.PeakMemory,
        };
    }

    /// <summary>From the start of the process to the first token of a prompt of 16, with the file in the page cache.</summary>
    private static async Task<IReadOnlyDictionary<string, double>> StartAsync(IContender contender, string model, CancellationToken cancellation)
    {
        await using Server server = await Server.StartAsync(contender, model, slots: 1, contextTokens: 4096, cancellation);
        await server.StreamAsync(Tokens(16, seed: 1), maxTokens: 1, cancellation);
        return new Dictionary<string, double> { [Metrics.Start] = server.Age.TotalSeconds, [Metrics.StartMemory] = server.PeakMemory };
    }

    /// <summary>Gaps between the tokens of 7 streams, for some seconds alone, then while a prompt of 8,192 tokens is computed.</summary>
    private static async Task<IReadOnlyDictionary<string, double>> EvennessAsync(IContender contender, string model, CancellationToken cancellation)
    {
        TimeSpan settling = TimeSpan.FromSeconds(1), alone = TimeSpan.FromSeconds(4);
        const int PerStream = 5120;
        await using Server server = await Server.StartAsync(contender, model, Clients, (Clients - 1) * PerStream + LongPromptTokens + PerStream, cancellation);
        await server.StreamAsync(Tokens(64, seed: 99), maxTokens: 8, cancellation);
        using CancellationTokenSource end = new();
        Task<StreamTimes>[] streams = [.. Enumerable.Range(1, Clients - 1).Select(i => server.StreamAsync(Tokens(32, i), PerStream - 64, cancellation, end.Token))];
        await Task.Delay(settling, cancellation);
        long begun = Stopwatch.GetTimestamp();
        await Task.Delay(alone, cancellation);
        long disturbed = Stopwatch.GetTimestamp();
        StreamTimes prompt = await server.StreamAsync(Tokens(LongPromptTokens, seed: 100), maxTokens: 1, cancellation);
        long done = Stopwatch.GetTimestamp();
        await end.CancelAsync();
        StreamTimes[] times = await Task.WhenAll(streams);
        return new Dictionary<string, double>
        {
            [Metrics.AloneGap] = Quantile(times.SelectMany(s => s.Gaps(begun, disturbed)), 0.99),
            [Metrics.DisturbedGap] = Quantile(times.SelectMany(s => s.Gaps(disturbed, done)), 0.99),
            [Metrics.LongPrompt] = prompt.FirstToken.TotalSeconds,
        };
    }

    /// <summary>Ordinary tokens of every vocabulary of the bench.</summary>
    private static int[] Tokens(int count, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(300, 30_000))];
    }

    private static double Quantile(IEnumerable<double> values, double quantile)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[(int)Math.Ceiling((sorted.Length - 1) * quantile)];
    }
}
