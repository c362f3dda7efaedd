using Inference.Tensors.Cpu;

namespace Inference.Tensors.Bench;

/// <summary>Products with a weight of 2,048 x 8,192 in each format for 1 to 512 rows.</summary>
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
    }
}
