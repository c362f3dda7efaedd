using System.Runtime.CompilerServices;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu.Attention;

/// <summary>
/// Sums of values as they are stored, weighted by the probabilities of a few queries: y[r, j] = sum over positions of
/// p[r, position] * value[position, j], one multiply-add after another in the order of positions. One tile for each number of rows and vectors, written out: the
/// run-time compiler keeps sums in registers only where each is a variable of its own.
/// </summary>
internal static unsafe class ValueTile<S, V, F>
    where S : struct, ISimd<V>
    where V : struct
    where F : struct, IKvFormat<V>
{
    /// <summary>
    /// Positions [first, last) of a block, whose runs of values are given; what lies in the runs of <paramref name="ahead"/> is
    /// asked for meanwhile. p is [rows][<see cref="BlockScores.Stride"/>], rows being 1, 4 or 8; y is [rows][ldy], of which d
    /// columns are written, rounded up to whole vectors.
    /// </summary>
    public static void Run(int rows, byte** values, byte** ahead, int d, int first, int last, float* p, float* y, nint ldy)
    {
        for (int column = 0; column < d;)
        {
            int left = d - column, vectors = rows == 1 && left > 3 * S.Count ? 4 : left > S.Count ? 2 : 1;
            switch (rows, vectors)
            {
                case (1, 4):
                    Tile1x4(values, ahead, d, column, first, last, p, y + column, ldy);
                    break;
                case (1, 2):
                    Tile1x2(values, ahead, d, column, first, last, p, y + column, ldy);
                    break;
                case (1, _):
                    Tile1x1(values, ahead, d, column, first, last, p, y + column, ldy);
                    break;
                case (4, 2):
                    Tile4x2(values, ahead, d, column, first, last, p, y + column, ldy);
                    break;
                case (4, _):
                    Tile4x1(values, ahead, d, column, first, last, p, y + column, ldy);
                    break;
                case (_, 2):
                    Tile8x2(values, ahead, d, column, first, last, p, y + column, ldy);
                    break;
                default:
                    Tile8x1(values, ahead, d, column, first, last, p, y + column, ldy);
                    break;
            }

            column += vectors * S.Count;
        }
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile8x2(byte** values, byte** ahead, int d, int column, int first, int last, float* p, float* y, nint ldy)
    {
        V a0a = S.Zero, a0b = S.Zero;
        V a1a = S.Zero, a1b = S.Zero;
        V a2a = S.Zero, a2b = S.Zero;
        V a3a = S.Zero, a3b = S.Zero;
        V a4a = S.Zero, a4b = S.Zero;
        V a5a = S.Zero, a5b = S.Zero;
        V a6a = S.Zero, a6b = S.Zero;
        V a7a = S.Zero, a7b = S.Zero;
        int scaleCount = (d + HostKvCache.ScaleLength - 1) / HostKvCache.ScaleLength;
        for (int position = first; position < last;)
        {
            int lane = position % HostKvCache.Lanes, end = Math.Min(last, position - lane + HostKvCache.Lanes);
            byte* run = values[position / HostKvCache.Lanes], row = run + (((lane * d) + column) * F.ElementBytes);
            nint next = (nint)(ahead[position / HostKvCache.Lanes] - run);
            float* scale = (float*)(run + (HostKvCache.Lanes * d * F.ElementBytes)) + (lane * scaleCount);
            for (; position < end; position++)
            {
                V v0 = F.Load(row);
                Memory.Prefetch(row + next);
                V v1 = F.Load(row + (S.Count * F.ElementBytes));
                if (S.Count * F.ElementBytes % 64 == 0)
                {
                    Memory.Prefetch(row + (S.Count * F.ElementBytes) + next);
                }

                if (F.HasScales)
                {
                    v0 = S.Multiply(v0, S.Broadcast(scale[column / HostKvCache.ScaleLength]));
                    v1 = S.Multiply(v1, S.Broadcast(scale[(column + S.Count) / HostKvCache.ScaleLength]));
                    scale += scaleCount;
                }

                V p0 = S.Broadcast(p[position]);
                a0a = S.Fma(p0, v0, a0a);
                a0b = S.Fma(p0, v1, a0b);
                V p1 = S.Broadcast(p[BlockScores.Stride + position]);
                a1a = S.Fma(p1, v0, a1a);
                a1b = S.Fma(p1, v1, a1b);
                V p2 = S.Broadcast(p[(2 * BlockScores.Stride) + position]);
                a2a = S.Fma(p2, v0, a2a);
                a2b = S.Fma(p2, v1, a2b);
                V p3 = S.Broadcast(p[(3 * BlockScores.Stride) + position]);
                a3a = S.Fma(p3, v0, a3a);
                a3b = S.Fma(p3, v1, a3b);
                V p4 = S.Broadcast(p[(4 * BlockScores.Stride) + position]);
                a4a = S.Fma(p4, v0, a4a);
                a4b = S.Fma(p4, v1, a4b);
                V p5 = S.Broadcast(p[(5 * BlockScores.Stride) + position]);
                a5a = S.Fma(p5, v0, a5a);
                a5b = S.Fma(p5, v1, a5b);
                V p6 = S.Broadcast(p[(6 * BlockScores.Stride) + position]);
                a6a = S.Fma(p6, v0, a6a);
                a6b = S.Fma(p6, v1, a6b);
                V p7 = S.Broadcast(p[(7 * BlockScores.Stride) + position]);
                a7a = S.Fma(p7, v0, a7a);
                a7b = S.Fma(p7, v1, a7b);
                row += d * F.ElementBytes;
            }
        }

        S.Store(y, a0a);
        S.Store(y + S.Count, a0b);
        S.Store(y + ldy, a1a);
        S.Store(y + ldy + S.Count, a1b);
        S.Store(y + (2 * ldy), a2a);
        S.Store(y + (2 * ldy) + S.Count, a2b);
        S.Store(y + (3 * ldy), a3a);
        S.Store(y + (3 * ldy) + S.Count, a3b);
        S.Store(y + (4 * ldy), a4a);
        S.Store(y + (4 * ldy) + S.Count, a4b);
        S.Store(y + (5 * ldy), a5a);
        S.Store(y + (5 * ldy) + S.Count, a5b);
        S.Store(y + (6 * ldy), a6a);
        S.Store(y + (6 * ldy) + S.Count, a6b);
        S.Store(y + (7 * ldy), a7a);
        S.Store(y + (7 * ldy) + S.Count, a7b);
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile8x1(byte** values, byte** ahead, int d, int column, int first, int last, float* p, float* y, nint ldy)
    {
        V a0a = S.Zero;
        V a1a = S.Zero;
        V a2a = S.Zero;
        V a3a = S.Zero;
        V a4a = S.Zero;
        V a5a = S.Zero;
        V a6a = S.Zero;
        V a7a = S.Zero;
        int scaleCount = (d + HostKvCache.ScaleLength - 1) / HostKvCache.ScaleLength;
        for (int position = first; position < last;)
        {
            int lane = position % HostKvCache.Lanes, end = Math.Min(last, position - lane + HostKvCache.Lanes);
            byte* run = values[position / HostKvCache.Lanes], row = run + (((lane * d) + column) * F.ElementBytes);
            nint next = (nint)(ahead[position / HostKvCache.Lanes] - run);
            float* scale = (float*)(run + (HostKvCache.Lanes * d * F.ElementBytes)) + (lane * scaleCount);
            for (; position < end; position++)
            {
                V v0 = F.Load(row);
                Memory.Prefetch(row + next);
                if (F.HasScales)
                {
                    v0 = S.Multiply(v0, S.Broadcast(scale[column / HostKvCache.ScaleLength]));
                    scale += scaleCount;
                }

                V p0 = S.Broadcast(p[position]);
                a0a = S.Fma(p0, v0, a0a);
                V p1 = S.Broadcast(p[BlockScores.Stride + position]);
                a1a = S.Fma(p1, v0, a1a);
                V p2 = S.Broadcast(p[(2 * BlockScores.Stride) + position]);
                a2a = S.Fma(p2, v0, a2a);
                V p3 = S.Broadcast(p[(3 * BlockScores.Stride) + position]);
                a3a = S.Fma(p3, v0, a3a);
                V p4 = S.Broadcast(p[(4 * BlockScores.Stride) + position]);
                a4a = S.Fma(p4, v0, a4a);
                V p5 = S.Broadcast(p[(5 * BlockScores.Stride) + position]);
                a5a = S.Fma(p5, v0, a5a);
                V p6 = S.Broadcast(p[(6 * BlockScores.Stride) + position]);
                a6a = S.Fma(p6, v0, a6a);
                V p7 = S.Broadcast(p[(7 * BlockScores.Stride) + position]);
                a7a = S.Fma(p7, v0, a7a);
                row += d * F.ElementBytes;
            }
        }

        S.Store(y, a0a);
        S.Store(y + ldy, a1a);
        S.Store(y + (2 * ldy), a2a);
        S.Store(y + (3 * ldy), a3a);
        S.Store(y + (4 * ldy), a4a);
        S.Store(y + (5 * ldy), a5a);
        S.Store(y + (6 * ldy), a6a);
        S.Store(y + (7 * ldy), a7a);
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile4x2(byte** values, byte** ahead, int d, int column, int first, int last, float* p, float* y, nint ldy)
    {
        V a0a = S.Zero, a0b = S.Zero;
        V a1a = S.Zero, a1b = S.Zero;
        V a2a = S.Zero, a2b = S.Zero;
        V a3a = S.Zero, a3b = S.Zero;
        int scaleCount = (d + HostKvCache.ScaleLength - 1) / HostKvCache.ScaleLength;
        for (int position = first; position < last;)
        {
            int lane = position % HostKvCache.Lanes, end = Math.Min(last, position - lane + HostKvCache.Lanes);
            byte* run = values[position / HostKvCache.Lanes], row = run + (((lane * d) + column) * F.ElementBytes);
            nint next = (nint)(ahead[position / HostKvCache.Lanes] - run);
            float* scale = (float*)(run + (HostKvCache.Lanes * d * F.ElementBytes)) + (lane * scaleCount);
            for (; position < end; position++)
            {
                V v0 = F.Load(row);
                Memory.Prefetch(row + next);
                V v1 = F.Load(row + (S.Count * F.ElementBytes));
                if (S.Count * F.ElementBytes % 64 == 0)
                {
                    Memory.Prefetch(row + (S.Count * F.ElementBytes) + next);
                }

                if (F.HasScales)
                {
                    v0 = S.Multiply(v0, S.Broadcast(scale[column / HostKvCache.ScaleLength]));
                    v1 = S.Multiply(v1, S.Broadcast(scale[(column + S.Count) / HostKvCache.ScaleLength]));
                    scale += scaleCount;
                }

                V p0 = S.Broadcast(p[position]);
                a0a = S.Fma(p0, v0, a0a);
                a0b = S.Fma(p0, v1, a0b);
                V p1 = S.Broadcast(p[BlockScores.Stride + position]);
                a1a = S.Fma(p1, v0, a1a);
                a1b = S.Fma(p1, v1, a1b);
                V p2 = S.Broadcast(p[(2 * BlockScores.Stride) + position]);
                a2a = S.Fma(p2, v0, a2a);
                a2b = S.Fma(p2, v1, a2b);
                V p3 = S.Broadcast(p[(3 * BlockScores.Stride) + position]);
                a3a = S.Fma(p3, v0, a3a);
                a3b = S.Fma(p3, v1, a3b);
                row += d * F.ElementBytes;
            }
        }

        S.Store(y, a0a);
        S.Store(y + S.Count, a0b);
        S.Store(y + ldy, a1a);
        S.Store(y + ldy + S.Count, a1b);
        S.Store(y + (2 * ldy), a2a);
        S.Store(y + (2 * ldy) + S.Count, a2b);
        S.Store(y + (3 * ldy), a3a);
        S.Store(y + (3 * ldy) + S.Count, a3b);
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile4x1(byte** values, byte** ahead, int d, int column, int first, int last, float* p, float* y, nint ldy)
    {
        V a0a = S.Zero;
        V a1a = S.Zero;
        V a2a = S.Zero;
        V a3a = S.Zero;
        int scaleCount = (d + HostKvCache.ScaleLength - 1) / HostKvCache.ScaleLength;
        for (int position = first; position < last;)
        {
            int lane = position % HostKvCache.Lanes, end = Math.Min(last, position - lane + HostKvCache.Lanes);
            byte* run = values[position / HostKvCache.Lanes], row = run + (((lane * d) + column) * F.ElementBytes);
            nint next = (nint)(ahead[position / HostKvCache.Lanes] - run);
            float* scale = (float*)(run + (HostKvCache.Lanes * d * F.ElementBytes)) + (lane * scaleCount);
            for (; position < end; position++)
            {
                V v0 = F.Load(row);
                Memory.Prefetch(row + next);
                if (F.HasScales)
                {
                    v0 = S.Multiply(v0, S.Broadcast(scale[column / HostKvCache.ScaleLength]));
                    scale += scaleCount;
                }

                V p0 = S.Broadcast(p[position]);
                a0a = S.Fma(p0, v0, a0a);
                V p1 = S.Broadcast(p[BlockScores.Stride + position]);
                a1a = S.Fma(p1, v0, a1a);
                V p2 = S.Broadcast(p[(2 * BlockScores.Stride) + position]);
                a2a = S.Fma(p2, v0, a2a);
                V p3 = S.Broadcast(p[(3 * BlockScores.Stride) + position]);
                a3a = S.Fma(p3, v0, a3a);
                row += d * F.ElementBytes;
            }
        }

        S.Store(y, a0a);
        S.Store(y + ldy, a1a);
        S.Store(y + (2 * ldy), a2a);
        S.Store(y + (3 * ldy), a3a);
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile1x4(byte** values, byte** ahead, int d, int column, int first, int last, float* p, float* y, nint ldy)
    {
        V a0a = S.Zero, a0b = S.Zero, a0c = S.Zero, a0d = S.Zero;
        int scaleCount = (d + HostKvCache.ScaleLength - 1) / HostKvCache.ScaleLength;
        for (int position = first; position < last;)
        {
            int lane = position % HostKvCache.Lanes, end = Math.Min(last, position - lane + HostKvCache.Lanes);
            byte* run = values[position / HostKvCache.Lanes], row = run + (((lane * d) + column) * F.ElementBytes);
            nint next = (nint)(ahead[position / HostKvCache.Lanes] - run);
            float* scale = (float*)(run + (HostKvCache.Lanes * d * F.ElementBytes)) + (lane * scaleCount);
            for (; position < end; position++)
            {
                V v0 = F.Load(row);
                Memory.Prefetch(row + next);
                V v1 = F.Load(row + (S.Count * F.ElementBytes));
                if (S.Count * F.ElementBytes % 64 == 0)
                {
                    Memory.Prefetch(row + (S.Count * F.ElementBytes) + next);
                }

                V v2 = F.Load(row + (2 * S.Count * F.ElementBytes));
                if (2 * S.Count * F.ElementBytes % 64 == 0)
                {
                    Memory.Prefetch(row + (2 * S.Count * F.ElementBytes) + next);
                }

                V v3 = F.Load(row + (3 * S.Count * F.ElementBytes));
                if (3 * S.Count * F.ElementBytes % 64 == 0)
                {
                    Memory.Prefetch(row + (3 * S.Count * F.ElementBytes) + next);
                }

                if (F.HasScales)
                {
                    v0 = S.Multiply(v0, S.Broadcast(scale[column / HostKvCache.ScaleLength]));
                    v1 = S.Multiply(v1, S.Broadcast(scale[(column + S.Count) / HostKvCache.ScaleLength]));
                    v2 = S.Multiply(v2, S.Broadcast(scale[(column + (2 * S.Count)) / HostKvCache.ScaleLength]));
                    v3 = S.Multiply(v3, S.Broadcast(scale[(column + (3 * S.Count)) / HostKvCache.ScaleLength]));
                    scale += scaleCount;
                }

                V p0 = S.Broadcast(p[position]);
                a0a = S.Fma(p0, v0, a0a);
                a0b = S.Fma(p0, v1, a0b);
                a0c = S.Fma(p0, v2, a0c);
                a0d = S.Fma(p0, v3, a0d);
                row += d * F.ElementBytes;
            }
        }

        S.Store(y, a0a);
        S.Store(y + S.Count, a0b);
        S.Store(y + (2 * S.Count), a0c);
        S.Store(y + (3 * S.Count), a0d);
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile1x2(byte** values, byte** ahead, int d, int column, int first, int last, float* p, float* y, nint ldy)
    {
        V a0a = S.Zero, a0b = S.Zero;
        int scaleCount = (d + HostKvCache.ScaleLength - 1) / HostKvCache.ScaleLength;
        for (int position = first; position < last;)
        {
            int lane = position % HostKvCache.Lanes, end = Math.Min(last, position - lane + HostKvCache.Lanes);
            byte* run = values[position / HostKvCache.Lanes], row = run + (((lane * d) + column) * F.ElementBytes);
            nint next = (nint)(ahead[position / HostKvCache.Lanes] - run);
            float* scale = (float*)(run + (HostKvCache.Lanes * d * F.ElementBytes)) + (lane * scaleCount);
            for (; position < end; position++)
            {
                V v0 = F.Load(row);
                Memory.Prefetch(row + next);
                V v1 = F.Load(row + (S.Count * F.ElementBytes));
                if (S.Count * F.ElementBytes % 64 == 0)
                {
                    Memory.Prefetch(row + (S.Count * F.ElementBytes) + next);
                }

                if (F.HasScales)
                {
                    v0 = S.Multiply(v0, S.Broadcast(scale[column / HostKvCache.ScaleLength]));
                    v1 = S.Multiply(v1, S.Broadcast(scale[(column + S.Count) / HostKvCache.ScaleLength]));
                    scale += scaleCount;
                }

                V p0 = S.Broadcast(p[position]);
                a0a = S.Fma(p0, v0, a0a);
                a0b = S.Fma(p0, v1, a0b);
                row += d * F.ElementBytes;
            }
        }

        S.Store(y, a0a);
        S.Store(y + S.Count, a0b);
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile1x1(byte** values, byte** ahead, int d, int column, int first, int last, float* p, float* y, nint ldy)
    {
        V a0a = S.Zero;
        int scaleCount = (d + HostKvCache.ScaleLength - 1) / HostKvCache.ScaleLength;
        for (int position = first; position < last;)
        {
            int lane = position % HostKvCache.Lanes, end = Math.Min(last, position - lane + HostKvCache.Lanes);
            byte* run = values[position / HostKvCache.Lanes], row = run + (((lane * d) + column) * F.ElementBytes);
            nint next = (nint)(ahead[position / HostKvCache.Lanes] - run);
            float* scale = (float*)(run + (HostKvCache.Lanes * d * F.ElementBytes)) + (lane * scaleCount);
            for (; position < end; position++)
            {
                V v0 = F.Load(row);
                Memory.Prefetch(row + next);
                if (F.HasScales)
                {
                    v0 = S.Multiply(v0, S.Broadcast(scale[column / HostKvCache.ScaleLength]));
                    scale += scaleCount;
                }

                V p0 = S.Broadcast(p[position]);
                a0a = S.Fma(p0, v0, a0a);
                row += d * F.ElementBytes;
            }
        }

        S.Store(y, a0a);
    }
}
