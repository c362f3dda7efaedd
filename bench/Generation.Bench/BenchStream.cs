using System.Diagnostics;

namespace Inference.Generation.Bench;

/// <summary>One client: when it asked, and when each token came.</summary>
internal sealed class BenchStream
{
    private readonly List<long> _arrivals = [];

    public int Tokens { get; private set; }

    public long Asked { get; private set; }

    public IReadOnlyList<long> Arrivals => _arrivals;

    public TimeSpan FirstToken => Stopwatch.GetElapsedTime(Asked, _arrivals[0]);

    public async Task RunAsync(LlmEngine engine, int[] prompt, int tokens, float temperature, int seed, Action? onFirstToken = null, CancellationToken cancellation = default, string adapter = "")
    {
        GenerationRequest request = new()
        {
            Id = $"{seed}",
            Prompt = prompt,
            Adapter = adapter,
            Sampling = new SamplingParameters { MaxTokens = tokens, Temperature = temperature, TopP = temperature == 0 ? 1 : 0.95f, Seed = seed, IgnoreEos = true },
        };
        Asked = Stopwatch.GetTimestamp();
        int before = Tokens;
        await foreach (GenerationUpdate update in engine.GenerateAsync(request, cancellation))
        {
            int count = update.Deltas.Sum(d => d.TokenIds.Count);
            if (count == 0)
                continue;
            if (Tokens == before)
                onFirstToken?.Invoke();
            Tokens += count;
            _arrivals.Add(Stopwatch.GetTimestamp());
        }
    }

    /// <summary>Milliseconds between updates within a span of time.</summary>
    public IEnumerable<double> Gaps(long from, long to) =>
        _arrivals.Zip(_arrivals.Skip(1)).Where(g => g.Second > from && g.First < to).Select(g => Stopwatch.GetElapsedTime(g.First, g.Second).TotalMilliseconds);

    public static double Quantile(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
    }
}
