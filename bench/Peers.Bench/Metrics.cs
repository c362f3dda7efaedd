namespace Inference.Peers.Bench;

/// <summary>All metrics, in the order of the table.</summary>
internal static class Metrics
{
    public const string Prefill = "prefill 512";
    public const string Decode = "decode 64";
    public const string ClientsThroughput = "8 clients";
    public const string ClientsFirstTokenMedian = "8 clients, first token p50";
    public const string ClientsFirstTokenTail = "8 clients, first token p95";
    public const string ClientsMemory = "8 clients, peak memory";
    public const string Start = "start to first token";
    public const string StartMemory = "one request, peak memory";
    public const string AloneGap = "7 streams, token gap p99";
    public const string DisturbedGap = "7 streams beside an 8k prompt, token gap p99";
    public const string Evenness = "7 streams, p99 beside an 8k prompt to p99 alone";
    public const string LongPrompt = "8k prompt beside 7 streams";
    public const string Bandwidth = "memory bandwidth";
    public const string Arithmetic = "F32 multiply-adds";
    public const string PairArithmetic = "multiply-adds of BF16 pairs";
    public const string ByteArithmetic = "multiply-adds of bytes";

    public static readonly int[] Batches = [4, 8, 16, 32];

    public static readonly IReadOnlyList<Metric> All =
    [
        new(Prefill, "tokens/s", 0) { Rows = 512 },
        new(Decode, "tokens/s", 1) { Rows = 1 },
        .. Batches.Select(n => new Metric(BatchedDecode(n), "tokens/s", 1) { Rows = n }),
        new(ClientsThroughput, "tokens/s", 1),
        new(ClientsFirstTokenMedian, "s", 2),
        new(ClientsFirstTokenTail, "s", 2),
        new(ClientsMemory, "MiB", 0),
        new(Start, "s", 2),
        new(StartMemory, "MiB", 0),
        new(AloneGap, "ms", 1),
        new(DisturbedGap, "ms", 1),
        new(Evenness, "times", 2),
        new(LongPrompt, "s", 1),
    ];

    public static string BatchedDecode(int batch) => $"decode, batch {batch}";
}
