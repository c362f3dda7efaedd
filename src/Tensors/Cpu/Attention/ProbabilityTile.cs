using System.Runtime.CompilerServices;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu.Attention;

/// <summary>
/// Sums of converted values weighted by the probabilities of a tile of queries: y[r, j] = sum over positions of
/// p[r, position] * v[position, j], in the order of <see cref="ValueTile{S, V, F}"/>.
/// </summary>
internal static unsafe class ProbabilityTile<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>
    /// p is [rows of <see cref="OuterProductTile{S, V}"/>][<see cref="BlockScores.Stride"/>]; v is a panel of k positions, two
    /// vectors wide where <paramref name="isWide"/>, else one; y is [rows][ldy].
    /// </summary>
    public static void Run(int k, float* p, float* v, bool isWide, float* y, nint ldy)
    {
        if (S.Registers == 32)
        {
            if (isWide)
            {
                Tile12x2(k, p, v, y, ldy);
            }
            else
            {
                Tile12x1(k, p, v, y, ldy);
            }
        }
        else if (isWide)
        {
            Tile6x2(k, p, v, y, ldy);
        }
        else
        {
            Tile6x1(k, p, v, y, ldy);
        }
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile12x2(int k, float* p, float* v, float* y, nint ldy)
    {
        V a0a = S.Zero, a0b = S.Zero;
        V a1a = S.Zero, a1b = S.Zero;
        V a2a = S.Zero, a2b = S.Zero;
        V a3a = S.Zero, a3b = S.Zero;
        V a4a = S.Zero, a4b = S.Zero;
        V a5a = S.Zero, a5b = S.Zero;
        V a6a = S.Zero, a6b = S.Zero;
        V a7a = S.Zero, a7b = S.Zero;
        V a8a = S.Zero, a8b = S.Zero;
        V a9a = S.Zero, a9b = S.Zero;
        V a10a = S.Zero, a10b = S.Zero;
        V a11a = S.Zero, a11b = S.Zero;
        for (; k > 0; k--)
        {
            V v0 = S.Load(v), v1 = S.Load(v + S.Count);
            V p0 = S.Broadcast(p[0]);
            a0a = S.Fma(p0, v0, a0a);
            a0b = S.Fma(p0, v1, a0b);
            V p1 = S.Broadcast(p[BlockScores.Stride]);
            a1a = S.Fma(p1, v0, a1a);
            a1b = S.Fma(p1, v1, a1b);
            V p2 = S.Broadcast(p[2 * BlockScores.Stride]);
            a2a = S.Fma(p2, v0, a2a);
            a2b = S.Fma(p2, v1, a2b);
            V p3 = S.Broadcast(p[3 * BlockScores.Stride]);
            a3a = S.Fma(p3, v0, a3a);
            a3b = S.Fma(p3, v1, a3b);
            V p4 = S.Broadcast(p[4 * BlockScores.Stride]);
            a4a = S.Fma(p4, v0, a4a);
            a4b = S.Fma(p4, v1, a4b);
            V p5 = S.Broadcast(p[5 * BlockScores.Stride]);
            a5a = S.Fma(p5, v0, a5a);
            a5b = S.Fma(p5, v1, a5b);
            V p6 = S.Broadcast(p[6 * BlockScores.Stride]);
            a6a = S.Fma(p6, v0, a6a);
            a6b = S.Fma(p6, v1, a6b);
            V p7 = S.Broadcast(p[7 * BlockScores.Stride]);
            a7a = S.Fma(p7, v0, a7a);
            a7b = S.Fma(p7, v1, a7b);
            V p8 = S.Broadcast(p[8 * BlockScores.Stride]);
            a8a = S.Fma(p8, v0, a8a);
            a8b = S.Fma(p8, v1, a8b);
            V p9 = S.Broadcast(p[9 * BlockScores.Stride]);
            a9a = S.Fma(p9, v0, a9a);
            a9b = S.Fma(p9, v1, a9b);
            V p10 = S.Broadcast(p[10 * BlockScores.Stride]);
            a10a = S.Fma(p10, v0, a10a);
            a10b = S.Fma(p10, v1, a10b);
            V p11 = S.Broadcast(p[11 * BlockScores.Stride]);
            a11a = S.Fma(p11, v0, a11a);
            a11b = S.Fma(p11, v1, a11b);
            p++;
            v += 2 * S.Count;
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
        S.Store(y + (8 * ldy), a8a);
        S.Store(y + (8 * ldy) + S.Count, a8b);
        S.Store(y + (9 * ldy), a9a);
        S.Store(y + (9 * ldy) + S.Count, a9b);
        S.Store(y + (10 * ldy), a10a);
        S.Store(y + (10 * ldy) + S.Count, a10b);
        S.Store(y + (11 * ldy), a11a);
        S.Store(y + (11 * ldy) + S.Count, a11b);
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile12x1(int k, float* p, float* v, float* y, nint ldy)
    {
        V a0a = S.Zero;
        V a1a = S.Zero;
        V a2a = S.Zero;
        V a3a = S.Zero;
        V a4a = S.Zero;
        V a5a = S.Zero;
        V a6a = S.Zero;
        V a7a = S.Zero;
        V a8a = S.Zero;
        V a9a = S.Zero;
        V a10a = S.Zero;
        V a11a = S.Zero;
        for (; k > 0; k--)
        {
            V v0 = S.Load(v);
            V p0 = S.Broadcast(p[0]);
            a0a = S.Fma(p0, v0, a0a);
            V p1 = S.Broadcast(p[BlockScores.Stride]);
            a1a = S.Fma(p1, v0, a1a);
            V p2 = S.Broadcast(p[2 * BlockScores.Stride]);
            a2a = S.Fma(p2, v0, a2a);
            V p3 = S.Broadcast(p[3 * BlockScores.Stride]);
            a3a = S.Fma(p3, v0, a3a);
            V p4 = S.Broadcast(p[4 * BlockScores.Stride]);
            a4a = S.Fma(p4, v0, a4a);
            V p5 = S.Broadcast(p[5 * BlockScores.Stride]);
            a5a = S.Fma(p5, v0, a5a);
            V p6 = S.Broadcast(p[6 * BlockScores.Stride]);
            a6a = S.Fma(p6, v0, a6a);
            V p7 = S.Broadcast(p[7 * BlockScores.Stride]);
            a7a = S.Fma(p7, v0, a7a);
            V p8 = S.Broadcast(p[8 * BlockScores.Stride]);
            a8a = S.Fma(p8, v0, a8a);
            V p9 = S.Broadcast(p[9 * BlockScores.Stride]);
            a9a = S.Fma(p9, v0, a9a);
            V p10 = S.Broadcast(p[10 * BlockScores.Stride]);
            a10a = S.Fma(p10, v0, a10a);
            V p11 = S.Broadcast(p[11 * BlockScores.Stride]);
            a11a = S.Fma(p11, v0, a11a);
            p++;
            v += S.Count;
        }

        S.Store(y, a0a);
        S.Store(y + ldy, a1a);
        S.Store(y + (2 * ldy), a2a);
        S.Store(y + (3 * ldy), a3a);
        S.Store(y + (4 * ldy), a4a);
        S.Store(y + (5 * ldy), a5a);
        S.Store(y + (6 * ldy), a6a);
        S.Store(y + (7 * ldy), a7a);
        S.Store(y + (8 * ldy), a8a);
        S.Store(y + (9 * ldy), a9a);
        S.Store(y + (10 * ldy), a10a);
        S.Store(y + (11 * ldy), a11a);
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile6x2(int k, float* p, float* v, float* y, nint ldy)
    {
        V a0a = S.Zero, a0b = S.Zero;
        V a1a = S.Zero, a1b = S.Zero;
        V a2a = S.Zero, a2b = S.Zero;
        V a3a = S.Zero, a3b = S.Zero;
        V a4a = S.Zero, a4b = S.Zero;
        V a5a = S.Zero, a5b = S.Zero;
        for (; k > 0; k--)
        {
            V v0 = S.Load(v), v1 = S.Load(v + S.Count);
            V p0 = S.Broadcast(p[0]);
            a0a = S.Fma(p0, v0, a0a);
            a0b = S.Fma(p0, v1, a0b);
            V p1 = S.Broadcast(p[BlockScores.Stride]);
            a1a = S.Fma(p1, v0, a1a);
            a1b = S.Fma(p1, v1, a1b);
            V p2 = S.Broadcast(p[2 * BlockScores.Stride]);
            a2a = S.Fma(p2, v0, a2a);
            a2b = S.Fma(p2, v1, a2b);
            V p3 = S.Broadcast(p[3 * BlockScores.Stride]);
            a3a = S.Fma(p3, v0, a3a);
            a3b = S.Fma(p3, v1, a3b);
            V p4 = S.Broadcast(p[4 * BlockScores.Stride]);
            a4a = S.Fma(p4, v0, a4a);
            a4b = S.Fma(p4, v1, a4b);
            V p5 = S.Broadcast(p[5 * BlockScores.Stride]);
            a5a = S.Fma(p5, v0, a5a);
            a5b = S.Fma(p5, v1, a5b);
            p++;
            v += 2 * S.Count;
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
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile6x1(int k, float* p, float* v, float* y, nint ldy)
    {
        V a0a = S.Zero;
        V a1a = S.Zero;
        V a2a = S.Zero;
        V a3a = S.Zero;
        V a4a = S.Zero;
        V a5a = S.Zero;
        for (; k > 0; k--)
        {
            V v0 = S.Load(v);
            V p0 = S.Broadcast(p[0]);
            a0a = S.Fma(p0, v0, a0a);
            V p1 = S.Broadcast(p[BlockScores.Stride]);
            a1a = S.Fma(p1, v0, a1a);
            V p2 = S.Broadcast(p[2 * BlockScores.Stride]);
            a2a = S.Fma(p2, v0, a2a);
            V p3 = S.Broadcast(p[3 * BlockScores.Stride]);
            a3a = S.Fma(p3, v0, a3a);
            V p4 = S.Broadcast(p[4 * BlockScores.Stride]);
            a4a = S.Fma(p4, v0, a4a);
            V p5 = S.Broadcast(p[5 * BlockScores.Stride]);
            a5a = S.Fma(p5, v0, a5a);
            p++;
            v += S.Count;
        }

        S.Store(y, a0a);
        S.Store(y + ldy, a1a);
        S.Store(y + (2 * ldy), a2a);
        S.Store(y + (3 * ldy), a3a);
        S.Store(y + (4 * ldy), a4a);
        S.Store(y + (5 * ldy), a5a);
    }
}
