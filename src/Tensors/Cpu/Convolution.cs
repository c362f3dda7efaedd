using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>
/// A convolution over time as products of shifted rows: a register tile of rows of y and two vectors of outputs reads each tap's
/// rows of x where they lie, so that nothing is gathered. Only tiles that reach over the ends of x read a copy with zeros there.
/// Each number is one sequence of multiply-adds over taps and channels, whatever the tile and wherever the row lies: a piece of
/// a signal gives the bits that it has in the whole.
/// </summary>
internal static unsafe class Convolution<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Tiles that meet a panel one after another; it stays in the caches meanwhile.</summary>
    private const int TilesPerTask = 8;

    private static int Width => ConvolutionPanels<S, V>.Width;

    private static int TileRows => S.Registers == 32 ? 12 : 4;

    public static void Run(CpuContext context, Tensor x, ConvolutionPanels<S, V> w, Tensor? bias, ConvolutionOptions options, Tensor y)
    {
        int tileRows = w.IsRows ? DotTile<S, V, WeightF32<S, V>>.MaxRows : TileRows;
        int tiles = (y.Rows + tileRows - 1) / tileRows, blocks = (tiles + TilesPerTask - 1) / TilesPerTask;
        int panels = w.IsRows ? 1 : w.Panels, span = tileRows + ((w.Taps - 1) * options.Dilation);
        context.Pool.For(blocks * panels, (task, worker) =>
        {
            int block = task / panels, panel = task % panels;
            float* scratch = context.Scratch[worker].Floats(((long)Math.Max(span, w.Taps * tileRows) * x.Columns) + (tileRows * Width));
            float* sums = scratch, rows = scratch + (tileRows * Width);
            for (int tile = block * TilesPerTask; tile < Math.Min(tiles, (block + 1) * TilesPerTask); tile++)
            {
                int first = tile * tileRows, count = Math.Min(tileRows, y.Rows - first);
                if (w.IsRows)
                {
                    Dot(x, w, options, first, count, rows, sums);
                }
                else
                {
                    Multiply(x, w, panel, options, first, count, rows, sums);
                }

                Store(sums, w, panel, bias, options, first, count, y);
            }
        });
    }

    /// <summary>sums[r][2 vectors] = the products of rows first to first + count with a panel.</summary>
    private static void Multiply(
        Tensor x, ConvolutionPanels<S, V> w, int panel, ConvolutionOptions options, int first, int count, float* rows, float* sums)
    {
        int columns = x.Columns, start = first - options.Left, length = count + ((w.Taps - 1) * options.Dilation);
        float* source = (float*)x.Data + ((long)start * columns);
        if (start < 0 || start + length > x.Rows)
        {
            CopyPadded(x, start, length, rows);
            source = rows;
        }

        nint ldx = columns, tap = (nint)options.Dilation * columns;
        float* weights = w.Panel(panel);
        for (int done = 0; done < count;)
        {
            if (TileRows == 12 && count - done == 12)
            {
                Tile12(source, ldx, tap, w.Taps, columns, weights, sums);
                done += 12;
            }
            else if (count - done >= 4)
            {
                Tile4(source + (done * ldx), ldx, tap, w.Taps, columns, weights, sums + (done * Width));
                done += 4;
            }
            else
            {
                Tile1(source + (done * ldx), tap, w.Taps, columns, weights, sums + (done * Width));
                done++;
            }
        }
    }

    /// <summary>The same for few outputs: each row of y is the product of its taps, side by side, with the rows of the weight.</summary>
    private static void Dot(Tensor x, ConvolutionPanels<S, V> w, ConvolutionOptions options, int first, int count, float* rows, float* sums)
    {
        int columns = x.Columns, start = first - options.Left, length = count + w.Taps - 1;
        float* source = (float*)x.Data + ((long)start * columns);
        nint ldx = columns;
        if (options.Dilation != 1)
        {
            ldx = w.Length;
            for (int r = 0; r < count; r++)
            {
                for (int tap = 0; tap < w.Taps; tap++)
                {
                    CopyPadded(x, start + r + (tap * options.Dilation), 1, rows + (r * ldx) + (tap * columns));
                }
            }

            source = rows;
        }
        else if (start < 0 || start + length > x.Rows)
        {
            CopyPadded(x, start, length, rows);
            source = rows;
        }

        Vector128<float>* products = stackalloc Vector128<float>[8];
        WeightRows weights = new((byte*)w.Data, (long)w.Length * sizeof(float), 0, w.Outputs);
        for (int done = 0; done < count;)
        {
            int now = DotTile<S, V, WeightF32<S, V>>.Run(count - done, w.Length, source + (done * ldx), ldx, weights, products);
            for (int r = 0; r < now; r++)
            {
                products[r].Store(sums + ((done + r) * Width));
            }

            done += now;
        }
    }

    /// <summary>Adds bias and, where asked for, what y holds.</summary>
    private static void Store(
        float* sums, ConvolutionPanels<S, V> w, int panel, Tensor? bias, ConvolutionOptions options, int first, int count, Tensor y)
    {
        int output = panel * Width, width = Math.Min(Width, w.Outputs - output);
        float* offset = bias is null ? null : (float*)bias.Data + output;
        float* target = (float*)y.Data + ((long)first * y.Columns) + options.Column + output;
        for (int r = 0; r < count; r++, target += y.Columns, sums += Width)
        {
            if (offset is not null)
            {
                Elementwise<S, V>.Add(offset, sums, width);
            }

            if (options.Accumulate)
            {
                Elementwise<S, V>.Add(sums, target, width);
            }
            else
            {
                new ReadOnlySpan<float>(sums, width).CopyTo(new Span<float>(target, width));
            }
        }
    }

    /// <summary>Rows start to start + length of x, zeros beyond its ends.</summary>
    private static void CopyPadded(Tensor x, int start, int length, float* rows)
    {
        int columns = x.Columns, from = Math.Clamp(-start, 0, length), to = Math.Clamp(x.Rows - start, from, length);
        NativeMemory.Clear(rows, (nuint)((long)from * columns * sizeof(float)));
        NativeMemory.Copy((float*)x.Data + ((long)(start + from) * columns), rows + ((long)from * columns), (nuint)((long)(to - from) * columns * sizeof(float)));
        NativeMemory.Clear(rows + ((long)to * columns), (nuint)((long)(length - to) * columns * sizeof(float)));
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile12(float* x, nint ldx, nint tap, int taps, int inputs, float* w, float* sums)
    {
        V a0 = S.Zero, a1 = S.Zero, a2 = S.Zero, a3 = S.Zero, a4 = S.Zero, a5 = S.Zero;
        V a6 = S.Zero, a7 = S.Zero, a8 = S.Zero, a9 = S.Zero, a10 = S.Zero, a11 = S.Zero;
        V b0 = S.Zero, b1 = S.Zero, b2 = S.Zero, b3 = S.Zero, b4 = S.Zero, b5 = S.Zero;
        V b6 = S.Zero, b7 = S.Zero, b8 = S.Zero, b9 = S.Zero, b10 = S.Zero, b11 = S.Zero;
        nint twice = 2 * ldx;
        for (int k = 0; k < taps; k++, x += tap)
        {
            float* x0 = x;
            float* x3 = x0 + (3 * ldx);
            float* x6 = x3 + (3 * ldx);
            float* x9 = x6 + (3 * ldx);
            for (int i = 0; i < inputs; i++)
            {
                V low = S.Load(w), high = S.Load(w + S.Count);
                V v = S.Broadcast(*x0);
                a0 = S.Fma(v, low, a0);
                b0 = S.Fma(v, high, b0);
                v = S.Broadcast(x0[ldx]);
                a1 = S.Fma(v, low, a1);
                b1 = S.Fma(v, high, b1);
                v = S.Broadcast(x0[twice]);
                a2 = S.Fma(v, low, a2);
                b2 = S.Fma(v, high, b2);
                v = S.Broadcast(*x3);
                a3 = S.Fma(v, low, a3);
                b3 = S.Fma(v, high, b3);
                v = S.Broadcast(x3[ldx]);
                a4 = S.Fma(v, low, a4);
                b4 = S.Fma(v, high, b4);
                v = S.Broadcast(x3[twice]);
                a5 = S.Fma(v, low, a5);
                b5 = S.Fma(v, high, b5);
                v = S.Broadcast(*x6);
                a6 = S.Fma(v, low, a6);
                b6 = S.Fma(v, high, b6);
                v = S.Broadcast(x6[ldx]);
                a7 = S.Fma(v, low, a7);
                b7 = S.Fma(v, high, b7);
                v = S.Broadcast(x6[twice]);
                a8 = S.Fma(v, low, a8);
                b8 = S.Fma(v, high, b8);
                v = S.Broadcast(*x9);
                a9 = S.Fma(v, low, a9);
                b9 = S.Fma(v, high, b9);
                v = S.Broadcast(x9[ldx]);
                a10 = S.Fma(v, low, a10);
                b10 = S.Fma(v, high, b10);
                v = S.Broadcast(x9[twice]);
                a11 = S.Fma(v, low, a11);
                b11 = S.Fma(v, high, b11);
                x0++;
                x3++;
                x6++;
                x9++;
                w += Width;
            }
        }

        Store(sums, a0, b0, a1, b1, a2, b2, a3, b3);
        Store(sums + (4 * Width), a4, b4, a5, b5, a6, b6, a7, b7);
        Store(sums + (8 * Width), a8, b8, a9, b9, a10, b10, a11, b11);
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile4(float* x, nint ldx, nint tap, int taps, int inputs, float* w, float* sums)
    {
        V a0 = S.Zero, a1 = S.Zero, a2 = S.Zero, a3 = S.Zero;
        V b0 = S.Zero, b1 = S.Zero, b2 = S.Zero, b3 = S.Zero;
        for (int k = 0; k < taps; k++, x += tap)
        {
            float* x0 = x;
            float* x2 = x0 + (2 * ldx);
            for (int i = 0; i < inputs; i++)
            {
                V low = S.Load(w), high = S.Load(w + S.Count);
                V v = S.Broadcast(*x0);
                a0 = S.Fma(v, low, a0);
                b0 = S.Fma(v, high, b0);
                v = S.Broadcast(x0[ldx]);
                a1 = S.Fma(v, low, a1);
                b1 = S.Fma(v, high, b1);
                v = S.Broadcast(*x2);
                a2 = S.Fma(v, low, a2);
                b2 = S.Fma(v, high, b2);
                v = S.Broadcast(x2[ldx]);
                a3 = S.Fma(v, low, a3);
                b3 = S.Fma(v, high, b3);
                x0++;
                x2++;
                w += Width;
            }
        }

        Store(sums, a0, b0, a1, b1, a2, b2, a3, b3);
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile1(float* x, nint tap, int taps, int inputs, float* w, float* sums)
    {
        V a = S.Zero, b = S.Zero;
        for (int k = 0; k < taps; k++, x += tap)
        {
            for (int i = 0; i < inputs; i++)
            {
                V v = S.Broadcast(x[i]);
                a = S.Fma(v, S.Load(w), a);
                b = S.Fma(v, S.Load(w + S.Count), b);
                w += Width;
            }
        }

        S.Store(sums, a);
        S.Store(sums + S.Count, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* sums, V a0, V b0, V a1, V b1, V a2, V b2, V a3, V b3)
    {
        S.Store(sums, a0);
        S.Store(sums + S.Count, b0);
        S.Store(sums + Width, a1);
        S.Store(sums + Width + S.Count, b1);
        S.Store(sums + (2 * Width), a2);
        S.Store(sums + (2 * Width) + S.Count, b2);
        S.Store(sums + (3 * Width), a3);
        S.Store(sums + (3 * Width) + S.Count, b3);
    }
}
