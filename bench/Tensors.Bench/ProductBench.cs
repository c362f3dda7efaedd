namespace Inference.Tensors.Bench;

/// <summary>Products with prepared weights of 8,192 x 2,048 in each format for 1 to 512 rows.</summary>
internal static class ProductBench
{
    private const int Columns = 2048;
    private const int Outputs = 8192;

    private static readonly int[] Rows = [1, 2, 4, 8, 16, 32, 512];

    public static void Run(IBackend backend, MachinePeaks peaks, int threads, string? only)
    {
        Console.WriteLine($"{"weight",-6} {"first",8}{string.Concat(Rows.Select(rows => $"{rows,9}"))}   ms by rows of x; GB/s at 1; G(FL)OP/s at 32 and 512");
        foreach (DType type in Enum.GetValues<DType>().Where(type => only is null || type.ToString() == only))
        {
            Product(backend, peaks, threads, type);
        }
    }

    private static void Product(IBackend backend, MachinePeaks peaks, int threads, DType type)
    {
        // Copies of the weight, used in turn, so that none is found in a cache.
        using Tensor stored = Weight(type, Outputs, Columns);
        int copies = (int)Math.Max(2, (256L << 20) / stored.ByteLength);
        PreparedWeight[] weights = [.. Enumerable.Range(0, copies).Select(_ => backend.Prepare(stored))];
        using Tensor one = Data.Uniform(1, Columns), y1 = Tensor.Allocate(1, Outputs);
        int turn = 0;
        double[] first = [.. weights.Select(weight => Sampling.Once(() => backend.Linear(one, weight, null, y1)))];
        Array.Sort(first);
        Console.Write($"{type,-6} {first[copies / 2] * 1e3,8:F2}");
        double reads = 0, single = 0;
        Dictionary<int, double> rates = [];
        foreach (int rows in Rows)
        {
            using Tensor x = Data.Uniform(rows, Columns), y = Tensor.Allocate(rows, Outputs);
            if (rows == 1)
            {
                reads = MachinePeaks.Reads(threads);
            }

            Sampling time = Sampling.Of(() => backend.Linear(x, weights[turn++ % copies], null, y));
            if (rows == 1)
            {
                reads = Math.Max(reads, MachinePeaks.Reads(threads));
                single = stored.ByteLength / time.Median;
            }

            rates[rows] = 2.0 * rows * Columns * Outputs / time.Median;
            Console.Write($" {time.Median * 1e3,8:F2}");
        }

        double peak = type is DType.F32 or DType.F16 ? peaks.Flops : type == DType.BF16 ? peaks.BFloat16 : peaks.Bytes;
        Console.WriteLine(
            $"   {single / 1e9:F1} GB/s ({single / reads:P0} of {reads / 1e9:F1}); {rates[32] / 1e9:F0} ({rates[32] / peak:P0}) {rates[512] / 1e9:F0} ({rates[512] / peak:P0})");
        Array.ForEach(weights, weight => weight.Dispose());
    }

    /// <summary>A weight whose rows repeat, which makes the slow encoders bearable.</summary>
    public static Tensor Weight(DType type, int outputs, int columns)
    {
        using Tensor part = Data.Uniform(32, columns, type);
        Tensor weight = Tensor.Allocate(outputs, columns, type);
        for (int row = 0; row < outputs; row += part.Rows)
        {
            part.Bytes.CopyTo(weight.Slice(row, part.Rows).Bytes);
        }

        return weight;
    }
}
