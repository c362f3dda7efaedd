using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>
/// y += scale * (x Aᵀ) Bᵀ for groups of rows, each with an A and a B of its own: the adapters of a batch. A worker takes some rows of
/// one product through both halves, so that all products of all adapters are one job. The sums of x Aᵀ have the order of
/// <see cref="DotTile{S, V, F}"/>, those of the other half are taken from rank 0 upwards: a row has the same bits in any batch. Changes in
/// BF16 and in 8 bits have emitted kernels where the processor does (<see cref="LowRankJob"/>); here those in 8 bits become F32 for each task.
/// </summary>
internal static unsafe class LowRank<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Rows of a task: A and B are read once for so many.</summary>
    private const int RowsPerTask = 12;

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

        context.Pool.For(tasks.Count, (task, worker) =>
        {
            (int index, int first) = tasks[task];
            Run(context.Scratch[worker], products[index], products[index].Rows.AsSpan(first, Math.Min(RowsPerTask, products[index].Rows.Length - first)));
        });
        GC.KeepAlive(products);
    }

    private static void Run(NativeBuffer buffer, in LowRankProduct product, ReadOnlySpan<int> rows)
    {
        LowRankWeight w = product.W;
        int rank = (w.Rank + 3) & ~3;
        bool consecutive = AreConsecutive(rows);
        long plain = w.Type == DType.Q8_0 ? ((long)rank * w.Inputs) + ((long)w.Panels * w.Rank * LowRankWeight.PanelOutputs) : 0;
        float* scratch = buffer.Floats((RowsPerTask * (long)rank) + LowRankWeight.PanelOutputs + plain + (consecutive ? 0 : rows.Length * (long)w.Inputs));
        float* narrow = scratch + LowRankWeight.PanelOutputs, floats = narrow + (RowsPerTask * (long)rank), x = (float*)product.X.Data + ((long)rows[0] * w.Inputs);
        if (!consecutive)
        {
            x = floats + plain;
            for (int r = 0; r < rows.Length; r++)
            {
                product.X.Row(rows[r]).CopyTo(new Span<float>(x + ((long)r * w.Inputs), w.Inputs));
            }
        }

        switch (w.Type)
        {
            case DType.Q8_0:
                Run<WeightF32<S, V>>(x, narrow, rows, product, Widened(w, rank, floats), scratch);
                break;
            case DType.F32:
                Run<WeightF32<S, V>>(x, narrow, rows, product, new Halves(w), scratch);
                break;
            case DType.F16:
                Run<WeightF16<S, V>>(x, narrow, rows, product, new Halves(w), scratch);
                break;
            default:
                Run<WeightBF16<S, V>>(x, narrow, rows, product, new Halves(w), scratch);
                break;
        }
    }

    private static void Run<F>(float* x, float* narrow, ReadOnlySpan<int> rows, in LowRankProduct product, Halves halves, float* edge)
        where F : struct, IWeightFormat<V>
    {
        Down<F>(x, rows.Length, product.W, halves, narrow);
        Up<F>(narrow, rows, product, halves, edge);
    }

    /// <summary>A change in 8 bits as F32: A [rank of 4][in], B [panel][rank][64].</summary>
    private static Halves Widened(LowRankWeight w, int rank, float* target)
    {
        float* up = target + ((long)rank * w.Inputs);
        for (int j = 0; j < rank; j++)
        {
            for (int i = 0; i < w.Inputs; i++)
            {
                target[((long)j * w.Inputs) + i] = j < w.Rank ? w.DownAt(j, i) : 0;
            }
        }

        for (int o = 0; o < w.Panels * LowRankWeight.PanelOutputs; o++)
        {
            for (int j = 0; j < w.Rank; j++)
            {
                up[((((long)o / LowRankWeight.PanelOutputs * w.Rank) + j) * LowRankWeight.PanelOutputs) + (o % LowRankWeight.PanelOutputs)] = w.UpAt(o, j);
            }
        }

        return new Halves((byte*)target, w.Inputs * sizeof(float), rank, (byte*)up, LowRankWeight.PanelOutputs * sizeof(float));
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

    /// <summary>narrow [rows, rank of 4] = scale * x Aᵀ.</summary>
    [MethodImpl(KernelCompilation.Optimized)]
    private static void Down<F>(float* x, int rows, LowRankWeight w, Halves halves, float* narrow)
        where F : struct, IWeightFormat<V>
    {
        Vector128<float>* sums = stackalloc Vector128<float>[8];
        for (int group = 0; group < halves.Ranks; group += 4)
        {
            WeightRows weights = new(halves.Down, halves.DownBytes, group, halves.Ranks);
            for (int row = 0; row < rows;)
            {
                int done = DotTile<S, V, F>.Run(rows - row, w.Inputs, x + ((long)row * w.Inputs), w.Inputs, weights, sums);
                for (int r = 0; r < done; r++)
                {
                    (sums[r] * w.Scale).Store(narrow + ((row + r) * halves.Ranks) + group);
                }

                row += done;
            }
        }
    }

    /// <summary>y[rows] += narrow Bᵀ, a panel after another.</summary>
    [MethodImpl(KernelCompilation.Optimized)]
    private static void Up<F>(float* narrow, ReadOnlySpan<int> rows, in LowRankProduct product, Halves halves, float* edge)
        where F : struct, IWeightFormat<V>
    {
        LowRankWeight w = product.W;
        for (int panel = 0; panel < w.Panels; panel++)
        {
            int column = panel * LowRankWeight.PanelOutputs;
            bool isWhole = column + LowRankWeight.PanelOutputs <= w.Outputs && w.Factors is null;
            for (int r = 0; r < rows.Length; r++)
            {
                float* y = (float*)product.Y.Data + ((long)rows[r] * w.Outputs) + column, target = isWhole ? y : edge;
                if (!isWhole)
                {
                    new Span<float>(edge, LowRankWeight.PanelOutputs).Clear();
                }

                for (int part = 0; part < LowRankWeight.PanelOutputs; part += 4 * S.Count)
                {
                    if (typeof(F) == typeof(WeightBF16<S, V>))
                    {
                        PairSums(narrow + (r * halves.Ranks), w, panel, part, target + part);
                    }
                    else
                    {
                        Sums<F>(narrow + (r * halves.Ranks), w.Rank, halves.Up + (panel * w.Rank * halves.UpBytes), halves.UpBytes, part, target + part);
                    }
                }

                if (!isWhole)
                {
                    LowRankEdge.Add(product, edge, y, column);
                }
            }
        }
    }

    /// <summary>target += the sums of four vectors of outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sums<F>(float* narrow, int rank, byte* panel, long rowBytes, int part, float* target)
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

        AddTo(target, a0, a1, a2, a3);
    }

    /// <summary>The same of BF16 in pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PairSums(float* narrow, LowRankWeight w, int panel, int part, float* target)
    {
        V a0 = S.Zero, a1 = S.Zero, a2 = S.Zero, a3 = S.Zero;
        for (int group = 0; 2 * LowRankWeight.PairsTogether * group < w.Rank; group++)
        {
            int pairs = w.PairsIn(group);
            uint* b = (uint*)w.UpGroup(group) + ((long)panel * pairs * LowRankWeight.PanelOutputs) + part;
            for (int pair = 0; pair < pairs; pair++, narrow += 2, b += LowRankWeight.PanelOutputs)
            {
                V even = S.Broadcast(narrow[0]), odd = S.Broadcast(narrow[1]);
                a0 = S.Fma(odd, S.LoadBFloat16Odd(b), S.Fma(even, S.LoadBFloat16Even(b), a0));
                a1 = S.Fma(odd, S.LoadBFloat16Odd(b + S.Count), S.Fma(even, S.LoadBFloat16Even(b + S.Count), a1));
                a2 = S.Fma(odd, S.LoadBFloat16Odd(b + (2 * S.Count)), S.Fma(even, S.LoadBFloat16Even(b + (2 * S.Count)), a2));
                a3 = S.Fma(odd, S.LoadBFloat16Odd(b + (3 * S.Count)), S.Fma(even, S.LoadBFloat16Even(b + (3 * S.Count)), a3));
            }
        }

        AddTo(target, a0, a1, a2, a3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo(float* target, V a0, V a1, V a2, V a3)
    {
        S.Store(target, S.Add(S.Load(target), a0));
        S.Store(target + S.Count, S.Add(S.Load(target + S.Count), a1));
        S.Store(target + (2 * S.Count), S.Add(S.Load(target + (2 * S.Count)), a2));
        S.Store(target + (3 * S.Count), S.Add(S.Load(target + (3 * S.Count)), a3));
    }

    /// <summary>A, rows of so many bytes, filled up to a multiple of 4, and B in panels of rows of so many bytes.</summary>
    private readonly struct Halves(byte* down, long downBytes, int ranks, byte* up, long upBytes)
    {
        public Halves(LowRankWeight w)
            : this((byte*)w.Down.Data, w.Down.RowBytes, w.Down.Rows, w.Up, w.Type.RowBytes(LowRankWeight.PanelOutputs))
        {
        }

        public byte* Down => down;

        public long DownBytes => downBytes;

        public int Ranks => ranks;

        public byte* Up => up;

        public long UpBytes => upBytes;
    }
}
