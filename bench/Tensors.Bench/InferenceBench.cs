using Inference.Tensors.Cpu;

namespace Inference.Tensors.Bench;

/// <summary>Products with a weight of 2,048 x 8,192 in each format for 1 to 512 rows, and attention over pages.</summary>
internal static class InferenceBench
{
    private const int Columns = 2048;
    private const int Outputs = 8192;

    public static void Run(CpuBackend backend, MachinePeaks peaks)
    {
        foreach (DType type in Enum.GetValues<DType>())
        {
            // Copies of the weight, used in turn, so that none is found in a cache.
            int copies = (int)Math.Max(2, (256L << 20) / (type.RowBytes(Columns) * Outputs));
            using Tensor first = Data.Uniform(Outputs, Columns, type);
            Tensor[] weights = [.. Enumerable.Range(0, copies).Select(_ => Tensor.Allocate(Outputs, Columns, type))];
            foreach (Tensor weight in weights)
            {
                first.Bytes.CopyTo(weight.Bytes);
            }

            foreach (int rows in new[] { 1, 2, 4, 8, 16, 32, 512 })
            {
                using Tensor x = Data.Uniform(rows, Columns), y = Data.Uniform(rows, Outputs);
                int turn = 0;
                Sampling time = Sampling.Of(() => backend.Linear(x, weights[turn++ % copies], null, y));
                double flops = 2.0 * rows * Columns * Outputs / time.Median, bytes = first.ByteLength / time.Median;
                Console.WriteLine(
                    $"{type,-5} {rows,4} rows {time.Median * 1e3,8:F2} ms {bytes / 1e9,6:F1} GB/s {bytes / peaks.BytesPerSecond,5:P0} {flops / 1e9,6:F0} GFLOP/s {flops / peaks.Flops,5:P0}");
            }

            Array.ForEach(weights, weight => weight.Dispose());
        }

        foreach (DType type in new[] { DType.F32, DType.F16, DType.BF16 })
        {
            Decode(backend, peaks, type);
            Prefill(backend, peaks, type);
        }
    }

    private static void Decode(CpuBackend backend, MachinePeaks peaks, DType type)
    {
        const int Sequences = 16, Length = 2048, BlockLength = 16;
        using KvCache cache = new(1, Sequences * Length / BlockLength, BlockLength, 8, 64, type);
        using Tensor q = Data.Uniform(Sequences, 32 * 64), y = Data.Uniform(Sequences, 32 * 64);
        int[] blocks = [.. Enumerable.Range(0, Sequences * Length / BlockLength)];
        new Random(1).Shuffle(blocks);
        AttentionSlice[] slices = [.. Enumerable.Range(0, Sequences).Select(
            i => new AttentionSlice(i, 1, Length - 1, blocks.AsMemory(i * Length / BlockLength, Length / BlockLength)))];
        Sampling time = Sampling.Of(() => backend.PagedAttention(q, cache, 0, slices, new(0.125f), y));
        double bytes = 2.0 * cache.Keys[0].ByteLength / time.Median;
        Console.WriteLine(
            $"attention, decode, {type,-4} 16 x 2048 tokens, 32 heads of 64 on 8: {time.Median * 1e3:F2} ms {bytes / 1e9:F1} GB/s {bytes / peaks.BytesPerSecond:P0}");
    }

    private static void Prefill(CpuBackend backend, MachinePeaks peaks, DType type)
    {
        const int Length = 512, BlockLength = 16;
        using KvCache cache = new(1, Length / BlockLength, BlockLength, 8, 64, type);
        using Tensor q = Data.Uniform(Length, 32 * 64), y = Data.Uniform(Length, 32 * 64);
        AttentionSlice[] slices = [new(0, Length, 0, Enumerable.Range(0, Length / BlockLength).ToArray())];
        Sampling time = Sampling.Of(() => backend.PagedAttention(q, cache, 0, slices, new(0.125f), y));
        double flops = 2.0 * 32 * 64 * Length * (Length + 1) / time.Median;
        Console.WriteLine(
            $"attention, prefill, {type,-4} 512 tokens, 32 heads of 64 on 8: {time.Median * 1e3:F2} ms {flops / 1e9:F0} GFLOP/s {flops / peaks.Flops:P0}");
    }
}
