using Inference.Tensors.Cpu;

namespace Inference.Tensors.Bench;

/// <summary>Attention over pages of 16 tokens: decode, with keys and values beyond the caches, prefill, and chunks of a long prompt.</summary>
internal static class AttentionBench
{
    private const int BlockLength = 16;

    public static void Run(CpuBackend backend, MachinePeaks peaks, string? only)
    {
        foreach ((int heads, int kvHeads, int d) in new[] { (14, 2, 64), (32, 8, 64), (32, 8, 128), (8, 8, 48) })
        {
            foreach (DType type in new[] { DType.F32, DType.F16, DType.BF16, DType.Q8_0 }.Where(t => only is null || t.ToString() == only))
            {
                Decode(backend, peaks, type, heads, kvHeads, d);
                Prefill(backend, peaks, type, heads, kvHeads, d, first: 0, rows: 512);
                foreach (int rows in new[] { 3, 16, 256 })
                {
                    Prefill(backend, peaks, type, heads, kvHeads, d, first: 8192 - rows, rows);
                }
            }
        }
    }

    private static void Decode(CpuBackend backend, MachinePeaks peaks, DType type, int heads, int kvHeads, int d)
    {
        const int Length = 2048;
        int sequences = (int)((96L << 20) / HostKvCache.BlockBytes(1, Length, kvHeads, d, type));
        using HostKvCache cache = new(1, sequences * Length / BlockLength, BlockLength, kvHeads, d, type);
        Fill(backend, cache);
        using Tensor q = Data.Uniform(sequences, heads * d), y = Data.Uniform(sequences, heads * d);
        int[] blocks = [.. Enumerable.Range(0, cache.BlockCount)];
        new Random(1).Shuffle(blocks);
        AttentionSlice[] slices = [.. Enumerable.Range(0, sequences).Select(
            i => new AttentionSlice(i, 1, Length - 1, blocks.AsMemory(i * Length / BlockLength, Length / BlockLength)))];
        AttentionOptions options = new(1 / MathF.Sqrt(d));
        Sampling time = Sampling.Of(() => backend.PagedAttention(q, cache, 0, slices, options, y), 0.3);
        double bytes = HostKvCache.BlockBytes(1, BlockLength, kvHeads, d, type) * cache.BlockCount / time.Median;
        Console.WriteLine(
            $"decode  {type,-4} {heads} heads of {d} on {kvHeads}, {sequences} x {Length} tokens: {time.Median * 1e3,7:F2} ms {bytes / 1e9,5:F1} GB/s {bytes / peaks.BytesPerSecond,4:P0}");
    }

    /// <summary>Rows of a prompt after <paramref name="first"/> positions that are in the cache.</summary>
    private static void Prefill(CpuBackend backend, MachinePeaks peaks, DType type, int heads, int kvHeads, int d, int first, int rows)
    {
        int length = first + rows;
        using HostKvCache cache = new(1, length / BlockLength, BlockLength, kvHeads, d, type);
        Fill(backend, cache);
        using Tensor q = Data.Uniform(rows, heads * d), y = Data.Uniform(rows, heads * d);
        AttentionSlice[] slices = [new(0, rows, first, Enumerable.Range(0, length / BlockLength).ToArray())];
        AttentionOptions options = new(1 / MathF.Sqrt(d));
        Sampling time = Sampling.Of(() => backend.PagedAttention(q, cache, 0, slices, options, y), 0.3);
        double flops = 2.0 * heads * d * rows * (first + length + 1) / time.Median;
        Console.WriteLine(
            $"prefill {type,-4} {heads} heads of {d} on {kvHeads}, {rows} tokens after {first}: {time.Median * 1e3,7:F2} ms {flops / 1e9,4:F0} GFLOP/s {flops / peaks.Flops,4:P0}");
    }

    private static void Fill(CpuBackend backend, HostKvCache cache)
    {
        using Tensor k = Data.Uniform(cache.BlockLength, cache.KvHeadCount * cache.HeadDimension);
        for (int block = 0; block < cache.BlockCount; block++)
        {
            int[] slots = [.. Enumerable.Range(block * cache.BlockLength, cache.BlockLength)];
            backend.WriteKv(k, k, cache, 0, slots);
        }
    }
}
