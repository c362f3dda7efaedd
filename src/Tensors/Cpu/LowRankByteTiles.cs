using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Inference.Tensors.Cpu.Emit;
using Inference.Tensors.Cpu.Quantized;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>
/// <see cref="LowRank{S, V}"/> for changes in 8 bits by emitted kernels. Rows of x are rounded to 8 bits in blocks of 32, as for the products of
/// weights in Q8_0; those of x Aᵀ, times the factors, in tiles of 16 ranks. Sums of a block and of a tile are whole numbers; beyond these a row's
/// sums have one order, in a tile of any number of rows.
/// </summary>
internal static unsafe class LowRankByteTiles
{
    /// <summary>B is taken in pieces of so many bytes where there are several rows, so that the first-level cache has it for the next row.</summary>
    private const int PieceBytes = 16 * 1024;

    /// <summary>Adapters of up to so many bytes stay in the caches, dozens of them; larger ones would only push other things out.</summary>
    private const long KeptBytes = 1 << 20;

    /// <summary>1.5 * 2^23: added to a small number it leaves the nearest integer in the low bits.</summary>
    private const float RoundingBias = 12582912;

    private const int PanelOutputs = LowRankWeight.PanelOutputs, MaxRows = LowRankByteEmitter.MaxRows, NarrowBytes = LowRankQuants.NarrowBytes;

    /// <summary>narrow [part][row] = x Aᵀ times the factors, rounded.</summary>
    public static void Down(LowRankByteKernels kernels, NativeBuffer buffer, in LowRankRun run, ReadOnlySpan<int> rows, byte* narrow)
    {
        ReadOnlySpan<LowRankWeight?> weights = run.Parts.Weights;
        byte* up = run.Parts.First.Quants!.Up(0);
        int blocks = run.Parts.First.Quants!.Blocks, columns = blocks * LowRankQuants.BlockInputs;
        float* sums = buffer.Floats((MaxRows * LowRankQuants.TileRanks) + columns + (blocks * ActivationQ8.BlockBytes / sizeof(float) * MaxRows));
        float* filled = sums + (MaxRows * LowRankQuants.TileRanks);
        byte* x = (byte*)(filled + columns);
        for (int first = 0; first < rows.Length; first += MaxRows)
        {
            int count = Math.Min(MaxRows, rows.Length - first);
            Encode(run.X, rows.Slice(first, count), filled, columns, x);
            byte* target = narrow;
            for (int i = 0; i < weights.Length; i++)
            {
                if (weights[i] is { } w)
                {
                    nint down = count == 1 && IsPassing(w) ? kernels.DownOnce : kernels.Down[count - 1];
                    Down(down, w.Quants!, x, sums, count, target + (first * w.NarrowBytes), i + 1 < weights.Length && weights[i + 1] is { } after ? after.Data : up);
                    target += rows.Length * w.NarrowBytes;
                }
            }
        }
    }

    /// <summary>y[rows] += narrow Bᵀ, and what factors make of it, for each part.</summary>
    public static void Up(LowRankByteKernels kernels, NativeBuffer buffer, in LowRankRun run, ReadOnlySpan<int> rows, byte* narrow, LowRankParts? next)
    {
        ReadOnlySpan<LowRankWeight?> weights = run.Parts.Weights;
        float* edge = buffer.Floats(PanelOutputs);
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] is { } w)
            {
                nint[] up = rows.Length == 1 && IsPassing(w) ? kernels.UpOnce : kernels.Up;
                Up(up, run.Product(i), rows, narrow, edge, i + 1 < weights.Length && weights[i + 1] is { } after ? after.Quants!.Up(0) : next is null ? w.Data : next.Data);
                narrow += rows.Length * w.NarrowBytes;
            }
        }
    }

    private static void Down(nint down, LowRankQuants quants, byte* x, float* sums, int count, byte* narrow, byte* next)
    {
        for (int tile = 0; tile < quants.Tiles; tile++)
        {
            byte* after = tile + 1 < quants.Tiles ? quants.Down(tile + 1) : next;
            ((delegate* unmanaged[SuppressGCTransition]<byte*, byte*, float*, nint, byte*, void>)down)(quants.Down(tile), x, sums, quants.Blocks, after);
            for (int r = 0; r < count; r++)
            {
                Round(sums + (r * LowRankQuants.TileRanks), quants.Factors(tile), narrow + (((r * quants.Tiles) + tile) * NarrowBytes));
            }
        }
    }

    private static void Up(nint[] up, in LowRankProduct product, ReadOnlySpan<int> rows, byte* narrow, float* edge, byte* next)
    {
        LowRankWeight w = product.W;
        LowRankQuants quants = w.Quants!;
        int whole = w.Factors is null ? w.Outputs / PanelOutputs : 0, bytes = w.NarrowBytes;
        for (int tile = 0; tile < quants.Tiles; tile++)
        {
            int piece = rows.Length == 1 ? whole : PieceBytes / (quants.Quads(tile) * LowRankQuants.QuadBytes);
            for (int panel = 0; panel < whole; panel += piece)
            {
                for (int r = 0; r < rows.Length; r++)
                {
                    Panels(up, quants, tile, panel, Y(product, rows[r], panel), narrow + (r * bytes), Math.Min(piece, whole - panel), next);
                }
            }
        }

        for (int panel = whole; panel < quants.Panels; panel++)
        {
            for (int r = 0; r < rows.Length; r++)
            {
                new Span<float>(edge, PanelOutputs).Clear();
                for (int tile = 0; tile < quants.Tiles; tile++)
                {
                    Panels(up, quants, tile, panel, edge, narrow + (r * bytes), 1, next);
                }

                LowRankEdge.Add(product, edge, Y(product, rows[r], panel), panel * PanelOutputs);
            }
        }
    }

    private static void Panels(nint[] up, LowRankQuants quants, int tile, int panel, float* y, byte* narrow, int panels, byte* next)
    {
        int quads = quants.Quads(tile);
        ((delegate* unmanaged[SuppressGCTransition]<byte*, float*, byte*, nint, byte*, float*, void>)up[quads - 1])(
            quants.Up(tile) + ((long)panel * quads * LowRankQuants.QuadBytes), y, narrow + (tile * NarrowBytes), panels, next, quants.Scales(tile) + panel);
    }

    /// <summary>The rows of x as one group, filled up with zeros to whole blocks.</summary>
    private static void Encode(Tensor x, ReadOnlySpan<int> rows, float* filled, int columns, byte* target)
    {
        for (int r = 0; r < rows.Length; r++)
        {
            float* source = (float*)x.Data + ((long)rows[r] * x.Columns);
            if (x.Columns < columns)
            {
                new Span<float>(filled, columns).Clear();
                new Span<float>(source, x.Columns).CopyTo(new Span<float>(filled, columns));
                source = filled;
            }

            ActivationQ8.EncodeRow(source, columns, target + (4 * r), rows.Length);
        }
    }

    /// <summary>sums * factors in 8 bits. A number that is infinite or undefined makes the scale so.</summary>
    private static void Round(float* sums, float* factors, byte* narrow)
    {
        Vector512<float> value = Vector512.Load(sums) * Vector512.Load(factors);
        float largest = Simd512.Largest(value.AsInt32() & Vector512.Create(0x7FFFFFFF));
        Vector512<float> inverse = Vector512.Create(largest > LowRankQuants.Least ? 127 / largest : 0), bias = Vector512.Create(RoundingBias);
        Vector512<int> quants = ((value * inverse) + bias).AsInt32() - bias.AsInt32();
        Avx512F.ConvertToVector128SByte(quants).Store((sbyte*)narrow);
        *(float*)(narrow + LowRankByteEmitter.NarrowScale) = largest / 127;
        *(int*)(narrow + LowRankByteEmitter.NarrowOffset) = -LowRankQuants.Zero * Vector512.Sum(quants);
    }

    private static bool IsPassing(LowRankWeight w) => w.Block.Length > KeptBytes;

    private static float* Y(in LowRankProduct product, int row, int panel) =>
        (float*)product.Y.Data + ((long)row * product.W.Outputs) + (panel * PanelOutputs);
}
