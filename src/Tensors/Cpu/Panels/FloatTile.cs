using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Inference.Tensors.Cpu.Panels;

/// <summary>
/// Register tiles of a panel with 1 to 12 rows of x, by AVX-512 multiply-adds. Each sum is one sequence over k, whatever
/// the tile.
/// </summary>
internal static unsafe class FloatTile<F>
    where F : struct, IPanelFloats
{
    /// <summary>How far ahead the panel is fetched (measured: a third of the bandwidth is lost without).</summary>
    private const int PrefetchBytes = 4096;

    /// <summary>Computes a tile of as many rows as fit, at most <paramref name="rows"/>, and returns how many. x is [k][ldx].</summary>
    public static int Run(int rows, byte* panel, int columns, float* x, nint ldx, float* y, nint ldy)
    {
        switch (rows)
        {
            case >= 12:
                Tile12(panel, columns, x, ldx, y, ldy);
                return 12;
            case >= 8:
                Tile8(panel, columns, x, ldx, y, ldy);
                return 8;
            case >= 4:
                Tile4(panel, columns, x, ldx, y, ldy);
                return 4;
            case >= 2:
                Tile2(panel, columns, x, ldx, y, ldy);
                return 2;
            default:
                Tile1(panel, columns, x, ldx, y, ldy);
                return 1;
        }
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile12(byte* panel, int columns, float* x, nint ldx, float* y, nint ldy)
    {
        Vector512<float> a0 = default, b0 = default;
        Vector512<float> a1 = default, b1 = default;
        Vector512<float> a2 = default, b2 = default;
        Vector512<float> a3 = default, b3 = default;
        Vector512<float> a4 = default, b4 = default;
        Vector512<float> a5 = default, b5 = default;
        Vector512<float> a6 = default, b6 = default;
        Vector512<float> a7 = default, b7 = default;
        Vector512<float> a8 = default, b8 = default;
        Vector512<float> a9 = default, b9 = default;
        Vector512<float> a10 = default, b10 = default;
        Vector512<float> a11 = default, b11 = default;
        for (nint k = 0; k < columns; k++)
        {
            Memory.Prefetch(panel + (F.PairBytes * (k >> 1)) + PrefetchBytes);
            Vector512<float> low = F.Low(panel, k), high = F.High(panel, k);
            Vector512<float> x0 = Vector512.Create(x[0]);
            a0 = Avx512F.FusedMultiplyAdd(x0, low, a0);
            b0 = Avx512F.FusedMultiplyAdd(x0, high, b0);
            Vector512<float> x1 = Vector512.Create(x[1]);
            a1 = Avx512F.FusedMultiplyAdd(x1, low, a1);
            b1 = Avx512F.FusedMultiplyAdd(x1, high, b1);
            Vector512<float> x2 = Vector512.Create(x[2]);
            a2 = Avx512F.FusedMultiplyAdd(x2, low, a2);
            b2 = Avx512F.FusedMultiplyAdd(x2, high, b2);
            Vector512<float> x3 = Vector512.Create(x[3]);
            a3 = Avx512F.FusedMultiplyAdd(x3, low, a3);
            b3 = Avx512F.FusedMultiplyAdd(x3, high, b3);
            Vector512<float> x4 = Vector512.Create(x[4]);
            a4 = Avx512F.FusedMultiplyAdd(x4, low, a4);
            b4 = Avx512F.FusedMultiplyAdd(x4, high, b4);
            Vector512<float> x5 = Vector512.Create(x[5]);
            a5 = Avx512F.FusedMultiplyAdd(x5, low, a5);
            b5 = Avx512F.FusedMultiplyAdd(x5, high, b5);
            Vector512<float> x6 = Vector512.Create(x[6]);
            a6 = Avx512F.FusedMultiplyAdd(x6, low, a6);
            b6 = Avx512F.FusedMultiplyAdd(x6, high, b6);
            Vector512<float> x7 = Vector512.Create(x[7]);
            a7 = Avx512F.FusedMultiplyAdd(x7, low, a7);
            b7 = Avx512F.FusedMultiplyAdd(x7, high, b7);
            Vector512<float> x8 = Vector512.Create(x[8]);
            a8 = Avx512F.FusedMultiplyAdd(x8, low, a8);
            b8 = Avx512F.FusedMultiplyAdd(x8, high, b8);
            Vector512<float> x9 = Vector512.Create(x[9]);
            a9 = Avx512F.FusedMultiplyAdd(x9, low, a9);
            b9 = Avx512F.FusedMultiplyAdd(x9, high, b9);
            Vector512<float> x10 = Vector512.Create(x[10]);
            a10 = Avx512F.FusedMultiplyAdd(x10, low, a10);
            b10 = Avx512F.FusedMultiplyAdd(x10, high, b10);
            Vector512<float> x11 = Vector512.Create(x[11]);
            a11 = Avx512F.FusedMultiplyAdd(x11, low, a11);
            b11 = Avx512F.FusedMultiplyAdd(x11, high, b11);
            x += ldx;
        }

        a0.Store(y);
        b0.Store(y + 16);
        a1.Store(y + ldy);
        b1.Store(y + ldy + 16);
        a2.Store(y + (2 * ldy));
        b2.Store(y + (2 * ldy) + 16);
        a3.Store(y + (3 * ldy));
        b3.Store(y + (3 * ldy) + 16);
        a4.Store(y + (4 * ldy));
        b4.Store(y + (4 * ldy) + 16);
        a5.Store(y + (5 * ldy));
        b5.Store(y + (5 * ldy) + 16);
        a6.Store(y + (6 * ldy));
        b6.Store(y + (6 * ldy) + 16);
        a7.Store(y + (7 * ldy));
        b7.Store(y + (7 * ldy) + 16);
        a8.Store(y + (8 * ldy));
        b8.Store(y + (8 * ldy) + 16);
        a9.Store(y + (9 * ldy));
        b9.Store(y + (9 * ldy) + 16);
        a10.Store(y + (10 * ldy));
        b10.Store(y + (10 * ldy) + 16);
        a11.Store(y + (11 * ldy));
        b11.Store(y + (11 * ldy) + 16);
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile8(byte* panel, int columns, float* x, nint ldx, float* y, nint ldy)
    {
        Vector512<float> a0 = default, b0 = default;
        Vector512<float> a1 = default, b1 = default;
        Vector512<float> a2 = default, b2 = default;
        Vector512<float> a3 = default, b3 = default;
        Vector512<float> a4 = default, b4 = default;
        Vector512<float> a5 = default, b5 = default;
        Vector512<float> a6 = default, b6 = default;
        Vector512<float> a7 = default, b7 = default;
        for (nint k = 0; k < columns; k++)
        {
            Memory.Prefetch(panel + (F.PairBytes * (k >> 1)) + PrefetchBytes);
            Vector512<float> low = F.Low(panel, k), high = F.High(panel, k);
            Vector512<float> x0 = Vector512.Create(x[0]);
            a0 = Avx512F.FusedMultiplyAdd(x0, low, a0);
            b0 = Avx512F.FusedMultiplyAdd(x0, high, b0);
            Vector512<float> x1 = Vector512.Create(x[1]);
            a1 = Avx512F.FusedMultiplyAdd(x1, low, a1);
            b1 = Avx512F.FusedMultiplyAdd(x1, high, b1);
            Vector512<float> x2 = Vector512.Create(x[2]);
            a2 = Avx512F.FusedMultiplyAdd(x2, low, a2);
            b2 = Avx512F.FusedMultiplyAdd(x2, high, b2);
            Vector512<float> x3 = Vector512.Create(x[3]);
            a3 = Avx512F.FusedMultiplyAdd(x3, low, a3);
            b3 = Avx512F.FusedMultiplyAdd(x3, high, b3);
            Vector512<float> x4 = Vector512.Create(x[4]);
            a4 = Avx512F.FusedMultiplyAdd(x4, low, a4);
            b4 = Avx512F.FusedMultiplyAdd(x4, high, b4);
            Vector512<float> x5 = Vector512.Create(x[5]);
            a5 = Avx512F.FusedMultiplyAdd(x5, low, a5);
            b5 = Avx512F.FusedMultiplyAdd(x5, high, b5);
            Vector512<float> x6 = Vector512.Create(x[6]);
            a6 = Avx512F.FusedMultiplyAdd(x6, low, a6);
            b6 = Avx512F.FusedMultiplyAdd(x6, high, b6);
            Vector512<float> x7 = Vector512.Create(x[7]);
            a7 = Avx512F.FusedMultiplyAdd(x7, low, a7);
            b7 = Avx512F.FusedMultiplyAdd(x7, high, b7);
            x += ldx;
        }

        a0.Store(y);
        b0.Store(y + 16);
        a1.Store(y + ldy);
        b1.Store(y + ldy + 16);
        a2.Store(y + (2 * ldy));
        b2.Store(y + (2 * ldy) + 16);
        a3.Store(y + (3 * ldy));
        b3.Store(y + (3 * ldy) + 16);
        a4.Store(y + (4 * ldy));
        b4.Store(y + (4 * ldy) + 16);
        a5.Store(y + (5 * ldy));
        b5.Store(y + (5 * ldy) + 16);
        a6.Store(y + (6 * ldy));
        b6.Store(y + (6 * ldy) + 16);
        a7.Store(y + (7 * ldy));
        b7.Store(y + (7 * ldy) + 16);
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile4(byte* panel, int columns, float* x, nint ldx, float* y, nint ldy)
    {
        Vector512<float> a0 = default, b0 = default;
        Vector512<float> a1 = default, b1 = default;
        Vector512<float> a2 = default, b2 = default;
        Vector512<float> a3 = default, b3 = default;
        for (nint k = 0; k < columns; k++)
        {
            Memory.Prefetch(panel + (F.PairBytes * (k >> 1)) + PrefetchBytes);
            Vector512<float> low = F.Low(panel, k), high = F.High(panel, k);
            Vector512<float> x0 = Vector512.Create(x[0]);
            a0 = Avx512F.FusedMultiplyAdd(x0, low, a0);
            b0 = Avx512F.FusedMultiplyAdd(x0, high, b0);
            Vector512<float> x1 = Vector512.Create(x[1]);
            a1 = Avx512F.FusedMultiplyAdd(x1, low, a1);
            b1 = Avx512F.FusedMultiplyAdd(x1, high, b1);
            Vector512<float> x2 = Vector512.Create(x[2]);
            a2 = Avx512F.FusedMultiplyAdd(x2, low, a2);
            b2 = Avx512F.FusedMultiplyAdd(x2, high, b2);
            Vector512<float> x3 = Vector512.Create(x[3]);
            a3 = Avx512F.FusedMultiplyAdd(x3, low, a3);
            b3 = Avx512F.FusedMultiplyAdd(x3, high, b3);
            x += ldx;
        }

        a0.Store(y);
        b0.Store(y + 16);
        a1.Store(y + ldy);
        b1.Store(y + ldy + 16);
        a2.Store(y + (2 * ldy));
        b2.Store(y + (2 * ldy) + 16);
        a3.Store(y + (3 * ldy));
        b3.Store(y + (3 * ldy) + 16);
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile2(byte* panel, int columns, float* x, nint ldx, float* y, nint ldy)
    {
        Vector512<float> a0 = default, b0 = default;
        Vector512<float> a1 = default, b1 = default;
        for (nint k = 0; k < columns; k++)
        {
            Memory.Prefetch(panel + (F.PairBytes * (k >> 1)) + PrefetchBytes);
            Vector512<float> low = F.Low(panel, k), high = F.High(panel, k);
            Vector512<float> x0 = Vector512.Create(x[0]);
            a0 = Avx512F.FusedMultiplyAdd(x0, low, a0);
            b0 = Avx512F.FusedMultiplyAdd(x0, high, b0);
            Vector512<float> x1 = Vector512.Create(x[1]);
            a1 = Avx512F.FusedMultiplyAdd(x1, low, a1);
            b1 = Avx512F.FusedMultiplyAdd(x1, high, b1);
            x += ldx;
        }

        a0.Store(y);
        b0.Store(y + 16);
        a1.Store(y + ldy);
        b1.Store(y + ldy + 16);
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile1(byte* panel, int columns, float* x, nint ldx, float* y, nint ldy)
    {
        Vector512<float> a0 = default, b0 = default;
        for (nint k = 0; k < columns; k++)
        {
            Memory.Prefetch(panel + (F.PairBytes * (k >> 1)) + PrefetchBytes);
            Vector512<float> low = F.Low(panel, k), high = F.High(panel, k);
            Vector512<float> x0 = Vector512.Create(x[0]);
            a0 = Avx512F.FusedMultiplyAdd(x0, low, a0);
            b0 = Avx512F.FusedMultiplyAdd(x0, high, b0);
            x += ldx;
        }

        a0.Store(y);
        b0.Store(y + 16);
    }
}
