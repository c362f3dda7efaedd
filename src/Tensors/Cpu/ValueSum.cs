using System.Runtime.CompilerServices;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>
/// y[r] = inverses[r] * sum over positions of p[r, position] * values[position]: the second half of attention over pages.
/// The sum over positions is sequential for every element, whatever the tile.
/// </summary>
internal static unsafe class ValueSum<S, V, F>
    where S : struct, ISimd<V>
    where V : struct
    where F : struct, IWeightFormat<V>
{
    /// <summary>Values start at element <paramref name="column"/> of their rows; y is [rows, ldy], d columns of it are written.</summary>
    public static void Run(
        in KvPages pages, int column, float* p, nint ldp, int rows, int positions, float* inverses, float* y, nint ldy, int d)
    {
        int r = 0;
        for (; r + 4 <= rows; r += 4)
        {
            int i = 0;
            for (; i + (2 * S.Count) <= d; i += 2 * S.Count)
            {
                Accumulate4x2(pages, column + i, p + (r * ldp), ldp, positions, inverses + r, y + (r * ldy) + i, ldy);
            }

            for (; i + S.Count <= d; i += S.Count)
            {
                Accumulate4x1(pages, column + i, p + (r * ldp), ldp, positions, inverses + r, y + (r * ldy) + i, ldy);
            }
        }

        for (; r < rows; r++)
        {
            int i = 0;
            for (; i + (2 * S.Count) <= d; i += 2 * S.Count)
            {
                Accumulate1x2(pages, column + i, p + (r * ldp), ldp, positions, inverses + r, y + (r * ldy) + i, ldy);
            }

            for (; i + S.Count <= d; i += S.Count)
            {
                Accumulate1x1(pages, column + i, p + (r * ldp), ldp, positions, inverses + r, y + (r * ldy) + i, ldy);
            }
        }

        int rest = d % S.Count;
        for (r = 0; r < rows && rest > 0; r++)
        {
            Rest(pages, column + d - rest, rest, p + (r * ldp), positions, inverses[r], y + (r * ldy) + d - rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Accumulate4x2(KvPages pages, int column, float* p, nint ldp, int positions, float* inverses, float* y, nint ldy)
    {
        V a00 = S.Zero, a01 = S.Zero;
        V a10 = S.Zero, a11 = S.Zero;
        V a20 = S.Zero, a21 = S.Zero;
        V a30 = S.Zero, a31 = S.Zero;
        for (int block = 0; block < positions; block += pages.BlockLength)
        {
            byte* row = pages.Values + pages.Row(block);
            int last = Math.Min(positions, block + pages.BlockLength);
            for (int i = block; i < last; i++, row += pages.RowBytes)
            {
                V v0 = F.Load(row, column, S.Zero), v1 = F.Load(row, column + S.Count, S.Zero);
                V p0 = S.Broadcast(p[i]);
                a00 = S.Fma(p0, v0, a00);
                a01 = S.Fma(p0, v1, a01);
                V p1 = S.Broadcast(p[ldp + i]);
                a10 = S.Fma(p1, v0, a10);
                a11 = S.Fma(p1, v1, a11);
                V p2 = S.Broadcast(p[(2 * ldp) + i]);
                a20 = S.Fma(p2, v0, a20);
                a21 = S.Fma(p2, v1, a21);
                V p3 = S.Broadcast(p[(3 * ldp) + i]);
                a30 = S.Fma(p3, v0, a30);
                a31 = S.Fma(p3, v1, a31);
            }
        }

        S.Store(y, S.Multiply(a00, S.Broadcast(inverses[0])));
        S.Store(y + S.Count, S.Multiply(a01, S.Broadcast(inverses[0])));
        S.Store(y + ldy, S.Multiply(a10, S.Broadcast(inverses[1])));
        S.Store(y + ldy + S.Count, S.Multiply(a11, S.Broadcast(inverses[1])));
        S.Store(y + (2 * ldy), S.Multiply(a20, S.Broadcast(inverses[2])));
        S.Store(y + (2 * ldy) + S.Count, S.Multiply(a21, S.Broadcast(inverses[2])));
        S.Store(y + (3 * ldy), S.Multiply(a30, S.Broadcast(inverses[3])));
        S.Store(y + (3 * ldy) + S.Count, S.Multiply(a31, S.Broadcast(inverses[3])));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Accumulate4x1(KvPages pages, int column, float* p, nint ldp, int positions, float* inverses, float* y, nint ldy)
    {
        V a00 = S.Zero;
        V a10 = S.Zero;
        V a20 = S.Zero;
        V a30 = S.Zero;
        for (int block = 0; block < positions; block += pages.BlockLength)
        {
            byte* row = pages.Values + pages.Row(block);
            int last = Math.Min(positions, block + pages.BlockLength);
            for (int i = block; i < last; i++, row += pages.RowBytes)
            {
                V v0 = F.Load(row, column, S.Zero);
                a00 = S.Fma(S.Broadcast(p[i]), v0, a00);
                a10 = S.Fma(S.Broadcast(p[ldp + i]), v0, a10);
                a20 = S.Fma(S.Broadcast(p[(2 * ldp) + i]), v0, a20);
                a30 = S.Fma(S.Broadcast(p[(3 * ldp) + i]), v0, a30);
            }
        }

        S.Store(y, S.Multiply(a00, S.Broadcast(inverses[0])));
        S.Store(y + ldy, S.Multiply(a10, S.Broadcast(inverses[1])));
        S.Store(y + (2 * ldy), S.Multiply(a20, S.Broadcast(inverses[2])));
        S.Store(y + (3 * ldy), S.Multiply(a30, S.Broadcast(inverses[3])));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Accumulate1x2(KvPages pages, int column, float* p, nint ldp, int positions, float* inverses, float* y, nint ldy)
    {
        V a00 = S.Zero, a01 = S.Zero;
        for (int block = 0; block < positions; block += pages.BlockLength)
        {
            byte* row = pages.Values + pages.Row(block);
            int last = Math.Min(positions, block + pages.BlockLength);
            for (int i = block; i < last; i++, row += pages.RowBytes)
            {
                V v0 = F.Load(row, column, S.Zero), v1 = F.Load(row, column + S.Count, S.Zero);
                V p0 = S.Broadcast(p[i]);
                a00 = S.Fma(p0, v0, a00);
                a01 = S.Fma(p0, v1, a01);
            }
        }

        S.Store(y, S.Multiply(a00, S.Broadcast(inverses[0])));
        S.Store(y + S.Count, S.Multiply(a01, S.Broadcast(inverses[0])));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Accumulate1x1(KvPages pages, int column, float* p, nint ldp, int positions, float* inverses, float* y, nint ldy)
    {
        V a00 = S.Zero;
        for (int block = 0; block < positions; block += pages.BlockLength)
        {
            byte* row = pages.Values + pages.Row(block);
            int last = Math.Min(positions, block + pages.BlockLength);
            for (int i = block; i < last; i++, row += pages.RowBytes)
            {
                V v0 = F.Load(row, column, S.Zero);
                a00 = S.Fma(S.Broadcast(p[i]), v0, a00);
            }
        }

        S.Store(y, S.Multiply(a00, S.Broadcast(inverses[0])));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rest(in KvPages pages, int column, int count, float* p, int positions, float inverse, float* y)
    {
        V sum = S.Zero;
        for (int i = 0; i < positions; i++)
        {
            sum = S.Fma(S.Broadcast(p[i]), F.LoadPartial(pages.Values + pages.Row(i), column, count), sum);
        }

        VectorMath<S, V>.StorePartial(y, S.Multiply(sum, S.Broadcast(inverse)), count);
    }
}
