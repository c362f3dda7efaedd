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
    /// <summary>
    /// The row of a position is at values + offsets[position], the head at element <paramref name="column"/> of it.
    /// y is [rows, ldy]; d columns of it are written.
    /// </summary>
    public static void Run(
        byte* values, nint* offsets, int column, float* p, nint ldp, int rows, int positions, float* inverses, float* y, nint ldy, int d)
    {
        int r = 0;
        for (; r + 4 <= rows; r += 4)
        {
            int i = 0;
            for (; S.Registers == 32 && i + (4 * S.Count) <= d; i += 4 * S.Count)
            {
                Accumulate4x4(values, offsets, column + i, p + (r * ldp), ldp, positions, inverses + r, y + (r * ldy) + i, ldy);
            }

            for (; i + (2 * S.Count) <= d; i += 2 * S.Count)
            {
                Accumulate4x2(values, offsets, column + i, p + (r * ldp), ldp, positions, inverses + r, y + (r * ldy) + i, ldy);
            }

            for (; i + S.Count <= d; i += S.Count)
            {
                Accumulate4x1(values, offsets, column + i, p + (r * ldp), ldp, positions, inverses + r, y + (r * ldy) + i, ldy);
            }
        }

        for (; r < rows; r++)
        {
            int i = 0;
            for (; S.Registers == 32 && i + (4 * S.Count) <= d; i += 4 * S.Count)
            {
                Accumulate1x4(values, offsets, column + i, p + (r * ldp), ldp, positions, inverses + r, y + (r * ldy) + i, ldy);
            }

            for (; i + (2 * S.Count) <= d; i += 2 * S.Count)
            {
                Accumulate1x2(values, offsets, column + i, p + (r * ldp), ldp, positions, inverses + r, y + (r * ldy) + i, ldy);
            }

            for (; i + S.Count <= d; i += S.Count)
            {
                Accumulate1x1(values, offsets, column + i, p + (r * ldp), ldp, positions, inverses + r, y + (r * ldy) + i, ldy);
            }
        }

        int rest = d % S.Count;
        for (r = 0; r < rows && rest > 0; r++)
        {
            Rest(values, offsets, column + d - rest, rest, p + (r * ldp), positions, inverses[r], y + (r * ldy) + d - rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Accumulate4x4(byte* values, nint* offsets, int column, float* p, nint ldp, int positions, float* inverses, float* y, nint ldy)
    {
        V a00 = S.Zero, a01 = S.Zero, a02 = S.Zero, a03 = S.Zero;
        V a10 = S.Zero, a11 = S.Zero, a12 = S.Zero, a13 = S.Zero;
        V a20 = S.Zero, a21 = S.Zero, a22 = S.Zero, a23 = S.Zero;
        V a30 = S.Zero, a31 = S.Zero, a32 = S.Zero, a33 = S.Zero;
        for (int i = 0; i < positions; i++)
        {
            byte* row = values + offsets[i], next = values + offsets[i + KvOffsets.Ahead];
            F.Prefetch(next, column, 0);
            F.Prefetch(next, column + S.Count, 0);
            F.Prefetch(next, column + (2 * S.Count), 0);
            F.Prefetch(next, column + (3 * S.Count), 0);
            V v0 = F.Load(row, column, S.Zero);
            V v1 = F.Load(row, column + S.Count, S.Zero);
            V v2 = F.Load(row, column + (2 * S.Count), S.Zero);
            V v3 = F.Load(row, column + (3 * S.Count), S.Zero);
            V p0 = S.Broadcast(p[i]);
            a00 = S.Fma(p0, v0, a00);
            a01 = S.Fma(p0, v1, a01);
            a02 = S.Fma(p0, v2, a02);
            a03 = S.Fma(p0, v3, a03);
            V p1 = S.Broadcast(p[ldp + i]);
            a10 = S.Fma(p1, v0, a10);
            a11 = S.Fma(p1, v1, a11);
            a12 = S.Fma(p1, v2, a12);
            a13 = S.Fma(p1, v3, a13);
            V p2 = S.Broadcast(p[(2 * ldp) + i]);
            a20 = S.Fma(p2, v0, a20);
            a21 = S.Fma(p2, v1, a21);
            a22 = S.Fma(p2, v2, a22);
            a23 = S.Fma(p2, v3, a23);
            V p3 = S.Broadcast(p[(3 * ldp) + i]);
            a30 = S.Fma(p3, v0, a30);
            a31 = S.Fma(p3, v1, a31);
            a32 = S.Fma(p3, v2, a32);
            a33 = S.Fma(p3, v3, a33);
        }

        S.Store(y, S.Multiply(a00, S.Broadcast(inverses[0])));
        S.Store(y + S.Count, S.Multiply(a01, S.Broadcast(inverses[0])));
        S.Store(y + (2 * S.Count), S.Multiply(a02, S.Broadcast(inverses[0])));
        S.Store(y + (3 * S.Count), S.Multiply(a03, S.Broadcast(inverses[0])));
        S.Store(y + ldy, S.Multiply(a10, S.Broadcast(inverses[1])));
        S.Store(y + ldy + S.Count, S.Multiply(a11, S.Broadcast(inverses[1])));
        S.Store(y + ldy + (2 * S.Count), S.Multiply(a12, S.Broadcast(inverses[1])));
        S.Store(y + ldy + (3 * S.Count), S.Multiply(a13, S.Broadcast(inverses[1])));
        S.Store(y + (2 * ldy), S.Multiply(a20, S.Broadcast(inverses[2])));
        S.Store(y + (2 * ldy) + S.Count, S.Multiply(a21, S.Broadcast(inverses[2])));
        S.Store(y + (2 * ldy) + (2 * S.Count), S.Multiply(a22, S.Broadcast(inverses[2])));
        S.Store(y + (2 * ldy) + (3 * S.Count), S.Multiply(a23, S.Broadcast(inverses[2])));
        S.Store(y + (3 * ldy), S.Multiply(a30, S.Broadcast(inverses[3])));
        S.Store(y + (3 * ldy) + S.Count, S.Multiply(a31, S.Broadcast(inverses[3])));
        S.Store(y + (3 * ldy) + (2 * S.Count), S.Multiply(a32, S.Broadcast(inverses[3])));
        S.Store(y + (3 * ldy) + (3 * S.Count), S.Multiply(a33, S.Broadcast(inverses[3])));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Accumulate4x2(byte* values, nint* offsets, int column, float* p, nint ldp, int positions, float* inverses, float* y, nint ldy)
    {
        V a00 = S.Zero, a01 = S.Zero;
        V a10 = S.Zero, a11 = S.Zero;
        V a20 = S.Zero, a21 = S.Zero;
        V a30 = S.Zero, a31 = S.Zero;
        for (int i = 0; i < positions; i++)
        {
            byte* row = values + offsets[i], next = values + offsets[i + KvOffsets.Ahead];
            F.Prefetch(next, column, 0);
            F.Prefetch(next, column + S.Count, 0);
            V v0 = F.Load(row, column, S.Zero);
            V v1 = F.Load(row, column + S.Count, S.Zero);
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
    private static void Accumulate4x1(byte* values, nint* offsets, int column, float* p, nint ldp, int positions, float* inverses, float* y, nint ldy)
    {
        V a00 = S.Zero;
        V a10 = S.Zero;
        V a20 = S.Zero;
        V a30 = S.Zero;
        for (int i = 0; i < positions; i++)
        {
            byte* row = values + offsets[i], next = values + offsets[i + KvOffsets.Ahead];
            F.Prefetch(next, column, 0);
            V v0 = F.Load(row, column, S.Zero);
            V p0 = S.Broadcast(p[i]);
            a00 = S.Fma(p0, v0, a00);
            V p1 = S.Broadcast(p[ldp + i]);
            a10 = S.Fma(p1, v0, a10);
            V p2 = S.Broadcast(p[(2 * ldp) + i]);
            a20 = S.Fma(p2, v0, a20);
            V p3 = S.Broadcast(p[(3 * ldp) + i]);
            a30 = S.Fma(p3, v0, a30);
        }

        S.Store(y, S.Multiply(a00, S.Broadcast(inverses[0])));
        S.Store(y + ldy, S.Multiply(a10, S.Broadcast(inverses[1])));
        S.Store(y + (2 * ldy), S.Multiply(a20, S.Broadcast(inverses[2])));
        S.Store(y + (3 * ldy), S.Multiply(a30, S.Broadcast(inverses[3])));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Accumulate1x4(byte* values, nint* offsets, int column, float* p, nint ldp, int positions, float* inverses, float* y, nint ldy)
    {
        V a00 = S.Zero, a01 = S.Zero, a02 = S.Zero, a03 = S.Zero;
        for (int i = 0; i < positions; i++)
        {
            byte* row = values + offsets[i], next = values + offsets[i + KvOffsets.Ahead];
            F.Prefetch(next, column, 0);
            F.Prefetch(next, column + S.Count, 0);
            F.Prefetch(next, column + (2 * S.Count), 0);
            F.Prefetch(next, column + (3 * S.Count), 0);
            V v0 = F.Load(row, column, S.Zero);
            V v1 = F.Load(row, column + S.Count, S.Zero);
            V v2 = F.Load(row, column + (2 * S.Count), S.Zero);
            V v3 = F.Load(row, column + (3 * S.Count), S.Zero);
            V p0 = S.Broadcast(p[i]);
            a00 = S.Fma(p0, v0, a00);
            a01 = S.Fma(p0, v1, a01);
            a02 = S.Fma(p0, v2, a02);
            a03 = S.Fma(p0, v3, a03);
        }

        S.Store(y, S.Multiply(a00, S.Broadcast(inverses[0])));
        S.Store(y + S.Count, S.Multiply(a01, S.Broadcast(inverses[0])));
        S.Store(y + (2 * S.Count), S.Multiply(a02, S.Broadcast(inverses[0])));
        S.Store(y + (3 * S.Count), S.Multiply(a03, S.Broadcast(inverses[0])));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Accumulate1x2(byte* values, nint* offsets, int column, float* p, nint ldp, int positions, float* inverses, float* y, nint ldy)
    {
        V a00 = S.Zero, a01 = S.Zero;
        for (int i = 0; i < positions; i++)
        {
            byte* row = values + offsets[i], next = values + offsets[i + KvOffsets.Ahead];
            F.Prefetch(next, column, 0);
            F.Prefetch(next, column + S.Count, 0);
            V v0 = F.Load(row, column, S.Zero);
            V v1 = F.Load(row, column + S.Count, S.Zero);
            V p0 = S.Broadcast(p[i]);
            a00 = S.Fma(p0, v0, a00);
            a01 = S.Fma(p0, v1, a01);
        }

        S.Store(y, S.Multiply(a00, S.Broadcast(inverses[0])));
        S.Store(y + S.Count, S.Multiply(a01, S.Broadcast(inverses[0])));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Accumulate1x1(byte* values, nint* offsets, int column, float* p, nint ldp, int positions, float* inverses, float* y, nint ldy)
    {
        V a00 = S.Zero;
        for (int i = 0; i < positions; i++)
        {
            byte* row = values + offsets[i], next = values + offsets[i + KvOffsets.Ahead];
            F.Prefetch(next, column, 0);
            V v0 = F.Load(row, column, S.Zero);
            V p0 = S.Broadcast(p[i]);
            a00 = S.Fma(p0, v0, a00);
        }

        S.Store(y, S.Multiply(a00, S.Broadcast(inverses[0])));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rest(byte* values, nint* offsets, int column, int count, float* p, int positions, float inverse, float* y)
    {
        V sum = S.Zero;
        for (int i = 0; i < positions; i++)
        {
            sum = S.Fma(S.Broadcast(p[i]), F.LoadPartial(values + offsets[i], column, count), sum);
        }

        VectorMath<S, V>.StorePartial(y, S.Multiply(sum, S.Broadcast(inverse)), count);
    }
}
