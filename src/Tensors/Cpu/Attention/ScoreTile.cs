using System.Runtime.CompilerServices;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu.Attention;

/// <summary>
/// Dot products of a few queries with keys as they are stored: scores[r, lane] = sum over i of q[i, r] * key[i, lane], one
/// multiply-add after another in the order of i, as <see cref="OuterProductTile{S, V}"/> does it on converted keys.
/// </summary>
internal static unsafe class ScoreTile<S, V, F>
    where S : struct, ISimd<V>
    where V : struct
    where F : struct, IKvFormat<V>
{
    /// <summary>
    /// Vectors of keys that a tile of <paramref name="rows"/> queries takes at once.
    /// </summary>
    public static int Vectors(int rows) => rows == 1 ? 4 : 2;

    /// <summary>q is [d][rows], rows being 1, 4 or 8; scores of the vectors of keys go side by side.</summary>
    public static void Run(int rows, int d, float* q, in ScoreKeys keys, float* scores)
    {
        switch (rows)
        {
            case 1:
                Tile1x4(d, q, keys, scores);
                break;
            case 4:
                Tile4x2(d, q, keys, scores);
                break;
            default:
                Tile8x2(d, q, keys, scores);
                break;
        }
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile8x2(int d, float* q, in ScoreKeys keys, float* scores)
    {
        byte* k0 = keys.Elements[0], k1 = keys.Elements[1];
        byte* values = null, later = null;
        int span = (d + 1) / 2, turn = 0;
        V a0a = S.Zero, a0b = S.Zero;
        V a1a = S.Zero, a1b = S.Zero;
        V a2a = S.Zero, a2b = S.Zero;
        V a3a = S.Zero, a3b = S.Zero;
        V a4a = S.Zero, a4b = S.Zero;
        V a5a = S.Zero, a5b = S.Zero;
        V a6a = S.Zero, a6b = S.Zero;
        V a7a = S.Zero, a7b = S.Zero;
        for (int i = 0; i < d;)
        {
            int end = F.HasScales ? Math.Min(d, i + HostKvCache.ScaleLength) : d, group = i / HostKvCache.ScaleLength * HostKvCache.Lanes;
            V f0 = F.HasScales ? S.Load(keys.Scales[0] + group) : S.Zero, f1 = F.HasScales ? S.Load(keys.Scales[1] + group) : S.Zero;
            for (; i < end; i++)
            {
                if (i == turn * span)
                {
                    values = keys.Values[turn];
                    later = keys.Later[turn++];
                }

                Memory.Prefetch(values);
                Memory.Prefetch(later);
                if (2 * S.Count * F.ElementBytes > 64)
                {
                    Memory.Prefetch(values + 64);
                    Memory.Prefetch(later + 64);
                }

                V v0 = F.HasScales ? S.Multiply(F.Load(k0), f0) : F.Load(k0), v1 = F.HasScales ? S.Multiply(F.Load(k1), f1) : F.Load(k1);
                V q0 = S.Broadcast(q[0]);
                a0a = S.Fma(q0, v0, a0a);
                a0b = S.Fma(q0, v1, a0b);
                V q1 = S.Broadcast(q[1]);
                a1a = S.Fma(q1, v0, a1a);
                a1b = S.Fma(q1, v1, a1b);
                V q2 = S.Broadcast(q[2]);
                a2a = S.Fma(q2, v0, a2a);
                a2b = S.Fma(q2, v1, a2b);
                V q3 = S.Broadcast(q[3]);
                a3a = S.Fma(q3, v0, a3a);
                a3b = S.Fma(q3, v1, a3b);
                V q4 = S.Broadcast(q[4]);
                a4a = S.Fma(q4, v0, a4a);
                a4b = S.Fma(q4, v1, a4b);
                V q5 = S.Broadcast(q[5]);
                a5a = S.Fma(q5, v0, a5a);
                a5b = S.Fma(q5, v1, a5b);
                V q6 = S.Broadcast(q[6]);
                a6a = S.Fma(q6, v0, a6a);
                a6b = S.Fma(q6, v1, a6b);
                V q7 = S.Broadcast(q[7]);
                a7a = S.Fma(q7, v0, a7a);
                a7b = S.Fma(q7, v1, a7b);
                q += 8;
                k0 += HostKvCache.Lanes * F.ElementBytes;
                k1 += HostKvCache.Lanes * F.ElementBytes;
                values += 2 * S.Count * F.ElementBytes;
                later += 2 * S.Count * F.ElementBytes;
            }
        }

        S.Store(scores, a0a);
        S.Store(scores + S.Count, a0b);
        S.Store(scores + BlockScores.Stride, a1a);
        S.Store(scores + BlockScores.Stride + S.Count, a1b);
        S.Store(scores + (2 * BlockScores.Stride), a2a);
        S.Store(scores + (2 * BlockScores.Stride) + S.Count, a2b);
        S.Store(scores + (3 * BlockScores.Stride), a3a);
        S.Store(scores + (3 * BlockScores.Stride) + S.Count, a3b);
        S.Store(scores + (4 * BlockScores.Stride), a4a);
        S.Store(scores + (4 * BlockScores.Stride) + S.Count, a4b);
        S.Store(scores + (5 * BlockScores.Stride), a5a);
        S.Store(scores + (5 * BlockScores.Stride) + S.Count, a5b);
        S.Store(scores + (6 * BlockScores.Stride), a6a);
        S.Store(scores + (6 * BlockScores.Stride) + S.Count, a6b);
        S.Store(scores + (7 * BlockScores.Stride), a7a);
        S.Store(scores + (7 * BlockScores.Stride) + S.Count, a7b);
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile4x2(int d, float* q, in ScoreKeys keys, float* scores)
    {
        byte* k0 = keys.Elements[0], k1 = keys.Elements[1];
        byte* values = null, later = null;
        int span = (d + 1) / 2, turn = 0;
        V a0a = S.Zero, a0b = S.Zero;
        V a1a = S.Zero, a1b = S.Zero;
        V a2a = S.Zero, a2b = S.Zero;
        V a3a = S.Zero, a3b = S.Zero;
        for (int i = 0; i < d;)
        {
            int end = F.HasScales ? Math.Min(d, i + HostKvCache.ScaleLength) : d, group = i / HostKvCache.ScaleLength * HostKvCache.Lanes;
            V f0 = F.HasScales ? S.Load(keys.Scales[0] + group) : S.Zero, f1 = F.HasScales ? S.Load(keys.Scales[1] + group) : S.Zero;
            for (; i < end; i++)
            {
                if (i == turn * span)
                {
                    values = keys.Values[turn];
                    later = keys.Later[turn++];
                }

                Memory.Prefetch(values);
                Memory.Prefetch(later);
                if (2 * S.Count * F.ElementBytes > 64)
                {
                    Memory.Prefetch(values + 64);
                    Memory.Prefetch(later + 64);
                }

                V v0 = F.HasScales ? S.Multiply(F.Load(k0), f0) : F.Load(k0), v1 = F.HasScales ? S.Multiply(F.Load(k1), f1) : F.Load(k1);
                V q0 = S.Broadcast(q[0]);
                a0a = S.Fma(q0, v0, a0a);
                a0b = S.Fma(q0, v1, a0b);
                V q1 = S.Broadcast(q[1]);
                a1a = S.Fma(q1, v0, a1a);
                a1b = S.Fma(q1, v1, a1b);
                V q2 = S.Broadcast(q[2]);
                a2a = S.Fma(q2, v0, a2a);
                a2b = S.Fma(q2, v1, a2b);
                V q3 = S.Broadcast(q[3]);
                a3a = S.Fma(q3, v0, a3a);
                a3b = S.Fma(q3, v1, a3b);
                q += 4;
                k0 += HostKvCache.Lanes * F.ElementBytes;
                k1 += HostKvCache.Lanes * F.ElementBytes;
                values += 2 * S.Count * F.ElementBytes;
                later += 2 * S.Count * F.ElementBytes;
            }
        }

        S.Store(scores, a0a);
        S.Store(scores + S.Count, a0b);
        S.Store(scores + BlockScores.Stride, a1a);
        S.Store(scores + BlockScores.Stride + S.Count, a1b);
        S.Store(scores + (2 * BlockScores.Stride), a2a);
        S.Store(scores + (2 * BlockScores.Stride) + S.Count, a2b);
        S.Store(scores + (3 * BlockScores.Stride), a3a);
        S.Store(scores + (3 * BlockScores.Stride) + S.Count, a3b);
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile1x4(int d, float* q, in ScoreKeys keys, float* scores)
    {
        byte* k0 = keys.Elements[0], k1 = keys.Elements[1], k2 = keys.Elements[2], k3 = keys.Elements[3];
        byte* values = null, later = null;
        int span = (d + 3) / 4, turn = 0;
        V a0a = S.Zero, a0b = S.Zero, a0c = S.Zero, a0d = S.Zero;
        for (int i = 0; i < d;)
        {
            int end = F.HasScales ? Math.Min(d, i + HostKvCache.ScaleLength) : d, group = i / HostKvCache.ScaleLength * HostKvCache.Lanes;
            V f0 = F.HasScales ? S.Load(keys.Scales[0] + group) : S.Zero, f1 = F.HasScales ? S.Load(keys.Scales[1] + group) : S.Zero, f2 = F.HasScales ? S.Load(keys.Scales[2] + group) : S.Zero, f3 = F.HasScales ? S.Load(keys.Scales[3] + group) : S.Zero;
            for (; i < end; i++)
            {
                if (i == turn * span)
                {
                    values = keys.Values[turn];
                    later = keys.Later[turn++];
                }

                Memory.Prefetch(values);
                Memory.Prefetch(later);
                if (4 * S.Count * F.ElementBytes > 64)
                {
                    Memory.Prefetch(values + 64);
                    Memory.Prefetch(later + 64);
                }

                V v0 = F.HasScales ? S.Multiply(F.Load(k0), f0) : F.Load(k0), v1 = F.HasScales ? S.Multiply(F.Load(k1), f1) : F.Load(k1), v2 = F.HasScales ? S.Multiply(F.Load(k2), f2) : F.Load(k2), v3 = F.HasScales ? S.Multiply(F.Load(k3), f3) : F.Load(k3);
                V q0 = S.Broadcast(q[0]);
                a0a = S.Fma(q0, v0, a0a);
                a0b = S.Fma(q0, v1, a0b);
                a0c = S.Fma(q0, v2, a0c);
                a0d = S.Fma(q0, v3, a0d);
                q++;
                k0 += HostKvCache.Lanes * F.ElementBytes;
                k1 += HostKvCache.Lanes * F.ElementBytes;
                k2 += HostKvCache.Lanes * F.ElementBytes;
                k3 += HostKvCache.Lanes * F.ElementBytes;
                values += 4 * S.Count * F.ElementBytes;
                later += 4 * S.Count * F.ElementBytes;
            }
        }

        S.Store(scores, a0a);
        S.Store(scores + S.Count, a0b);
        S.Store(scores + (2 * S.Count), a0c);
        S.Store(scores + (3 * S.Count), a0d);
    }
}
