using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>
/// y += scale * (x Aᵀ) Bᵀ for groups of rows, each with an A and a B of its own: the adapters of a batch. A worker takes some rows of
/// one product through both halves, so that all products of all adapters are one job. The sums of x Aᵀ have the order of
/// <see cref="DotTile{S, V, F}"/>, those of the other half are taken from rank 0 upwards: a row has the same bits in any batch.
/// </summary>
internal static unsafe class LowRank<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Rows of a task: A and B are read once for so many.</summary>
    private const int RowsPerTask = 12;

    /// <summary>Groups of tasks for each worker.</summary>
    private const int ChunksPerThread = 4;

    public static void Add(CpuContext context, LowRankProduct[] products)
    {
        List<(int Product, int First)> tasks = [];
        for (int i = 0; i < products.Length; i++)
        {
            for (int first = 0; first < products[i].Rows.Length; first += RowsPerTask)
            {
                tasks.Add((i, first));
            }
        }

        // A worker takes some tasks at a time, so that it knows what it will read next.
        int chunk = Math.Max(1, tasks.Count / (ChunksPerThread * context.Pool.Threads));
        context.Pool.For((tasks.Count + chunk - 1) / chunk, (item, worker) =>
        {
            int last = Math.Min(tasks.Count, (item + 1) * chunk);
            for (int task = item * chunk; task < last; task++)
            {
                (int index, int first) = tasks[task];
                ReadOnlySpan<int> rows = products[index].Rows.AsSpan(first, Math.Min(RowsPerTask, products[index].Rows.Length - first));
                Run(context.Scratch[worker], products[index], rows, task + 1 < last ? products[tasks[task + 1].Product].W : null);
            }
        });
        GC.KeepAlive(products);
    }

    private static void Run(NativeBuffer buffer, in LowRankProduct product, ReadOnlySpan<int> rows, LowRankWeight? next)
    {
        LowRankWeight w = product.W;
        int rank = (w.Rank + 3) & ~3;
        bool consecutive = AreConsecutive(rows);
        float* scratch = buffer.Floats((RowsPerTask * (long)rank) + LowRankWeight.PanelOutputs + (consecutive ? 0 : rows.Length * (long)w.Inputs));
        float* narrow = scratch + LowRankWeight.PanelOutputs, x = (float*)product.X.Data + ((long)rows[0] * w.Inputs);
        if (!consecutive)
        {
            x = narrow + (RowsPerTask * (long)rank);
            for (int r = 0; r < rows.Length; r++)
            {
                product.X.Row(rows[r]).CopyTo(new Span<float>(x + ((long)r * w.Inputs), w.Inputs));
            }
        }

        switch (w.Down.Type)
        {
            case DType.F32:
                Run<WeightF32<S, V>>(x, narrow, rank, rows, product, next, scratch);
                break;
            case DType.F16:
                Run<WeightF16<S, V>>(x, narrow, rank, rows, product, next, scratch);
                break;
            default:
                Run<WeightBF16<S, V>>(x, narrow, rank, rows, product, next, scratch);
                break;
        }
    }

    private static void Run<F>(float* x, float* narrow, int ld, ReadOnlySpan<int> rows, in LowRankProduct product, LowRankWeight? next, float* edge)
        where F : struct, IWeightFormat<V>
    {
        Down<F>(x, rows.Length, product.W, narrow, ld, new Ahead(product.W.Up, (product.W.Rank + 3) / 4));
        Up<F>(narrow, ld, rows, product, edge, next is null ? default : new Ahead(next.Down, (product.W.Outputs + LowRankWeight.PanelOutputs - 1) / LowRankWeight.PanelOutputs));
    }

    private static bool AreConsecutive(ReadOnlySpan<int> rows)
    {
        int i = 1;
        while (i < rows.Length && rows[i] == rows[0] + i)
        {
            i++;
        }

        return i == rows.Length;
    }

    /// <summary>narrow [rows, ld] = scale * x Aᵀ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Down<F>(float* x, int rows, LowRankWeight w, float* narrow, int ld, Ahead ahead)
        where F : struct, IWeightFormat<V>
    {
        Vector128<float>* sums = stackalloc Vector128<float>[8];
        for (int group = 0; group < w.Rank; group += 4)
        {
            ahead.Prefetch(group / 4);
            WeightRows weights = new((byte*)w.Down.Data, w.Down.RowBytes, group, w.Rank);
            for (int row = 0; row < rows;)
            {
                int done = DotTile<S, V, F>.Run(rows - row, w.Inputs, x + ((long)row * w.Inputs), w.Inputs, weights, sums);
                for (int r = 0; r < done; r++)
                {
                    (sums[r] * w.Scale).Store(narrow + ((row + r) * ld) + group);
                }

                row += done;
            }
        }
    }

    /// <summary>y[rows] += narrow Bᵀ, a panel after another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Up<F>(float* narrow, int ld, ReadOnlySpan<int> rows, in LowRankProduct product, float* edge, Ahead ahead)
        where F : struct, IWeightFormat<V>
    {
        LowRankWeight w = product.W;
        float* factors = w.Factors is null ? null : (float*)w.Factors.Data, bias = product.Bias is null ? null : (float*)product.Bias.Data;
        for (int column = 0; column < w.Outputs; column += LowRankWeight.PanelOutputs)
        {
            ahead.Prefetch(column / LowRankWeight.PanelOutputs);
            int width = Math.Min(LowRankWeight.PanelOutputs, w.Outputs - column);
            byte* panel = (byte*)w.Up.Data + (column / LowRankWeight.PanelOutputs * w.Rank * w.Up.RowBytes);
            for (int r = 0; r < rows.Length; r++)
            {
                float* y = (float*)product.Y.Data + ((long)rows[r] * w.Outputs) + column;
                if (width == LowRankWeight.PanelOutputs && factors is null)
                {
                    for (int part = 0; part < LowRankWeight.PanelOutputs; part += 4 * S.Count)
                    {
                        Sums<F>(narrow + (r * ld), w.Rank, panel, w.Up.RowBytes, part, y + part, y + part);
                    }

                    continue;
                }

                new Span<float>(edge, LowRankWeight.PanelOutputs).Clear();
                for (int part = 0; part < LowRankWeight.PanelOutputs; part += 4 * S.Count)
                {
                    Sums<F>(narrow + (r * ld), w.Rank, panel, w.Up.RowBytes, part, edge + part, edge + part);
                }

                for (int i = 0; i < width; i++)
                {
                    float offset = factors is null || bias is null ? 0 : bias[column + i];
                    y[i] = factors is null ? y[i] + edge[i] : (factors[column + i] * (y[i] - offset + edge[i])) + offset;
                }
            }
        }
    }

    /// <summary>target = source + the sums of four vectors of outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sums<F>(float* narrow, int rank, byte* panel, long rowBytes, int part, float* source, float* target)
        where F : struct, IWeightFormat<V>
    {
        V a0 = S.Zero, a1 = S.Zero, a2 = S.Zero, a3 = S.Zero;
        for (int j = 0; j < rank; j++)
        {
            V t = S.Broadcast(narrow[j]);
            a0 = S.Fma(t, F.Load(panel, part, S.Zero), a0);
            a1 = S.Fma(t, F.Load(panel, part + S.Count, S.Zero), a1);
            a2 = S.Fma(t, F.Load(panel, part + (2 * S.Count), S.Zero), a2);
            a3 = S.Fma(t, F.Load(panel, part + (3 * S.Count), S.Zero), a3);
            panel += rowBytes;
        }

        S.Store(target, S.Add(S.Load(source), a0));
        S.Store(target + S.Count, S.Add(S.Load(source + S.Count), a1));
        S.Store(target + (2 * S.Count), S.Add(S.Load(source + (2 * S.Count)), a2));
        S.Store(target + (3 * S.Count), S.Add(S.Load(source + (3 * S.Count)), a3));
    }

    /// <summary>The beginning of what is read next, asked for in equal parts; the processor's own prefetching follows from there.</summary>
    private readonly struct Ahead(Tensor tensor, int parts)
    {
        private const int Line = 64;
        private const long MaxBytes = 32 * 1024;

        private readonly byte* _data = (byte*)tensor.Data;
        private readonly int _lines = (int)(Math.Min(MaxBytes, tensor.ByteLength) / Line);

        public void Prefetch(int part)
        {
            if (parts == 0)
            {
                return;
            }

            byte* last = _data + ((long)_lines * (part + 1) / parts * Line);
            for (byte* line = _data + ((long)_lines * part / parts * Line); line < last; line += Line)
            {
                Memory.Prefetch(line);
            }
        }
    }
}
