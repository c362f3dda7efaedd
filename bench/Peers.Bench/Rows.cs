using System.Diagnostics;

namespace Inference.Peers.Bench;

/// <summary>What is done with a contender and a model to get the values of some metrics.</summary>
/// <param name="longPromptLimit">How long the row "evenness" follows its prompt.</param>
internal sealed class Rows(TimeSpan longPromptLimit)
{
    private const int Clients = 8;
    private const int LongPromptTokens = 8192;

    private readonly Dictionary<string, Func<IContender, string, CancellationToken, Task<IReadOnlyDictionary<string, double>>>> _rows = new()
    {
        ["single"] = (contender, model, cancellation) => contender.PrefillAndDecodeAsync(model, cancellation),
        ["batched"] = (contender, model, cancellation) => contender.BatchedDecodeAsync(model, cancellation),
        ["clients"] = ClientsAsync,
        ["start"] = StartAsync,
        ["evenness"] = (contender, model, cancellation) => EvennessAsync(contender, model, longPromptLimit, cancellation),
    };

    /// <summary>Names of all rows.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. new Rows(TimeSpan.Zero)._rows.Keys];

    /// <summary>Measures a row: values by metric.</summary>
    public Task<IReadOnlyDictionary<string, double>> MeasureAsync(string row, IContender contender, string model, CancellationToken cancellation) =>
        _rows[row](contender, model, cancellation);

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

    /// <summary>
    /// Gaps between the tokens of 7 streams while a prompt of 8,192 tokens is computed: until its first token, or for a limit, whichever
    /// comes first. Beside them those of some seconds before and after, for the streams' contexts grow meanwhile; the prompt's
    /// time, and the gaps after, are counted only where it was finished.
    /// </summary>
    private static async Task<IReadOnlyDictionary<string, double>> EvennessAsync(
        IContender contender, string model, TimeSpan longPromptLimit, CancellationToken cancellation)
    {
        const int ContextOfEach = LongPromptTokens + 512;
        TimeSpan settling = TimeSpan.FromSeconds(1), alone = TimeSpan.FromSeconds(3);
        await using Server server = await Server.StartAsync(contender, model, Clients, Clients * ContextOfEach, cancellation);
        await server.StreamAsync(Tokens(64, seed: 99), maxTokens: 8, cancellation);
        using CancellationTokenSource end = new();
        Task<StreamTimes>[] streams = [.. Enumerable.Range(1, Clients - 1).Select(i => server.StreamAsync(Tokens(32, i), ContextOfEach - 64, cancellation, end.Token))];
        await Task.Delay(settling, cancellation);
        long begun = Stopwatch.GetTimestamp();
        await Task.Delay(alone, cancellation);
        long disturbed = Stopwatch.GetTimestamp();
        using CancellationTokenSource limit = new(longPromptLimit);
        StreamTimes prompt = await server.StreamAsync(Tokens(LongPromptTokens, seed: 100), maxTokens: 1, cancellation, limit.Token);
        long done = Stopwatch.GetTimestamp();
        if (prompt.HasBegun)
        {
            await Task.Delay(alone, cancellation);
        }

        await end.CancelAsync();
        StreamTimes[] times = await Task.WhenAll(streams);
        double without = Quantile(times.SelectMany(s => s.Gaps(begun, disturbed).Concat(s.Gaps(done, long.MaxValue))), 0.99);
        double beside = Quantile(times.SelectMany(s => s.Gaps(disturbed, done)), 0.99);
        Dictionary<string, double> values = new() { [Metrics.AloneGap] = without, [Metrics.DisturbedGap] = beside, [Metrics.Evenness] = beside / without };
        if (prompt.HasBegun)
        {
            values[Metrics.LongPrompt] = prompt.FirstToken.TotalSeconds;
        }

        return values;
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
