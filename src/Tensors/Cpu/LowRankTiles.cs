using Inference.Tensors.Cpu.Emit;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>
/// <see cref="LowRank{S, V}"/> for changes in BF16 by emitted kernels. Rows of x, and of scale * x Aᵀ, are rounded to BF16, as those of x
/// are for the layer's own weight in BF16. The sums of a row have one order, in a tile of any number of rows.
/// </summary>
internal static unsafe class LowRankTiles
{
    /// <summary>B is taken in pieces of so many bytes where there are several rows, so that the first-level cache has it for the next row.</summary>
    private const int PieceBytes = 16 * 1024;

    /// <summary>What is fetched of the next change: the rest follows by itself.</summary>
    private const int NextBytes = 4096;

    private const int PanelOutputs = LowRankWeight.PanelOutputs, Lanes = 16, RanksTogether = LowRankWeight.RanksTogether, Line = 64, SumFloats = LowRankPairEmitter.MaxRows * 4 * Lanes;

    /// <summary>narrow [part][row][ranks] = scale * x Aᵀ, rounded, filled up with zeros.</summary>
    public static void Down(LowRankPairKernels kernels, NativeBuffer buffer, in LowRankRun run, ReadOnlySpan<int> rows, byte* narrow)
    {
        ReadOnlySpan<LowRankWeight?> weights = run.Parts.Weights;
        int inputs = run.Parts.First.Down.Columns, most = 0;
        foreach (LowRankWeight? w in weights)
        {
            most = Math.Max(most, w is null ? 0 : Ranks(w));
        }

        float* sums = buffer.Floats(SumFloats + inputs + (rows.Length * ((inputs / 2) + most)));
        float* filled = sums + SumFloats, exact = filled + inputs;
        ushort* x = (ushort*)(exact + (rows.Length * most));
        Round(kernels, run.X, rows, inputs, filled, x);
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] is { } w)
            {
                Prefetch(i + 1 < weights.Length && weights[i + 1] is { } after ? after.Data : run.Parts.First.Up);
                Down(kernels, w, rows.Length, x, sums, exact, Ranks(w));
                ((delegate* unmanaged<float*, ushort*, nint, void>)kernels.Round)(exact, (ushort*)narrow, rows.Length * Ranks(w) / RanksTogether);
                narrow += rows.Length * w.NarrowBytes;
            }
        }
    }

    /// <summary>y[rows] += narrow Bᵀ, and what factors make of it, for each part.</summary>
    public static void Up(LowRankPairKernels kernels, NativeBuffer buffer, in LowRankRun run, ReadOnlySpan<int> rows, byte* narrow, LowRankParts? next)
    {
        ReadOnlySpan<LowRankWeight?> weights = run.Parts.Weights;
        float* edge = buffer.Floats(PanelOutputs);
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] is { } w)
            {
                Prefetch(i + 1 < weights.Length && weights[i + 1] is { } after ? after.Up : next is null ? null : next.Data);
                Up(kernels, run.Product(i), rows, (ushort*)narrow, edge);
                narrow += rows.Length * w.NarrowBytes;
            }
        }
    }

    /// <summary>The rank of a change, filled up to what is rounded at a time.</summary>
    private static int Ranks(LowRankWeight w) => w.NarrowBytes / sizeof(ushort);

    private static void Up(LowRankPairKernels kernels, in LowRankProduct product, ReadOnlySpan<int> rows, ushort* narrow, float* edge)
    {
        LowRankWeight w = product.W;
        int ranks = Ranks(w), whole = w.Factors is null ? w.Outputs / PanelOutputs : 0;
        int groups = (w.Rank + (2 * LowRankWeight.PairsTogether) - 1) / (2 * LowRankWeight.PairsTogether);
        nint[] up = rows.Length == 1 ? kernels.UpOnce : kernels.Up;
        for (int group = 0; group < groups; group++)
        {
            int pairs = w.PairsIn(group), panelBytes = pairs * PanelOutputs * sizeof(uint), piece = rows.Length == 1 ? whole : PieceBytes / panelBytes;
            for (int panel = 0; panel < whole; panel += piece)
            {
                for (int r = 0; r < rows.Length; r++)
                {
                    Up(up, w, group, panel, Y(product, rows[r], panel), narrow + (r * ranks), Math.Min(piece, whole - panel));
                }
            }
        }

        for (int panel = whole; panel < w.Panels; panel++)
        {
            for (int r = 0; r < rows.Length; r++)
            {
                new Span<float>(edge, PanelOutputs).Clear();
                for (int group = 0; group < groups; group++)
                {
                    Up(up, w, group, panel, edge, narrow + (r * ranks), 1);
                }

                LowRankEdge.Add(product, edge, Y(product, rows[r], panel), panel * PanelOutputs);
            }
        }
    }

    /// <summary>The rows of x, one behind the other, filled up with zeros to the length of A's rows.</summary>
    private static void Round(LowRankPairKernels kernels, Tensor source, ReadOnlySpan<int> rows, int length, float* filled, ushort* x)
    {
        int inputs = source.Columns;
        new Span<float>(filled, length).Clear();
        for (int r = 0; r < rows.Length; r++)
        {
            float* row = (float*)source.Data + ((long)rows[r] * inputs);
            if (inputs < length)
            {
                new Span<float>(row, inputs).CopyTo(new Span<float>(filled, inputs));
                row = filled;
            }

            ((delegate* unmanaged<float*, ushort*, nint, void>)kernels.Round)(row, x + ((long)r * length), length / 32);
        }
    }

    /// <summary>The same before it is rounded.</summary>
    private static void Down(LowRankPairKernels kernels, LowRankWeight w, int rows, ushort* x, float* sums, float* narrow, int ranks)
    {
        nint rowBytes = (nint)w.Down.RowBytes;
        new Span<float>(narrow, rows * ranks).Clear();
        for (int group = 0; group < w.Down.Rows; group += 4)
        {
            byte* a = (byte*)w.Down.Data + (group * rowBytes);
            for (int row = 0; row < rows;)
            {
                int count = Math.Min(LowRankPairEmitter.MaxRows, rows - row);
                ((delegate* unmanaged<byte*, nint, byte*, nint, float*, void>)kernels.Down[count - 1])(a, rowBytes, (byte*)x + (row * rowBytes), w.Down.Columns / 64, sums);
                for (int r = 0; r < count; r++, row++)
                {
                    float* s = sums + (r * 4 * Lanes);
                    Simd128.Store(
                        narrow + (row * ranks) + group,
                        Simd512.Sum4(Simd512.Load(s), Simd512.Load(s + Lanes), Simd512.Load(s + (2 * Lanes)), Simd512.Load(s + (3 * Lanes))) * w.Scale);
                }
            }
        }
    }

    private static void Up(nint[] kernels, LowRankWeight w, int group, int panel, float* y, ushort* narrow, int panels)
    {
        int pairs = w.PairsIn(group);
        byte* b = w.UpGroup(group) + ((long)panel * pairs * PanelOutputs * sizeof(uint));
        ((delegate* unmanaged<byte*, float*, ushort*, nint, void>)kernels[pairs - 1])(b, y, narrow + (group * 2 * LowRankWeight.PairsTogether), panels);
    }

    private static float* Y(in LowRankProduct product, int row, int panel) =>
        (float*)product.Y.Data + ((long)row * product.W.Outputs) + (panel * PanelOutputs);

    private static void Prefetch(byte* data)
    {
        for (int offset = 0; data is not null && offset < NextBytes; offset += Line)
        {
            Memory.Prefetch(data + offset);
        }
    }
}
