using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>
/// The register tile of products of rows with rows: sums[r][q] = x[r] . w[q] for up to 6 rows of x and 4 rows of w.
/// Lane l of an accumulator takes the elements k with k % Count == l in increasing order; the lanes are then added in the
/// order of <see cref="ISimd{V}.Sum4"/>, and the last n % Count products after them. A sum has the same bits in a tile of
/// any number of rows.
/// </summary>
internal static unsafe class DotTile<S, V, F>
    where S : struct, ISimd<V>
    where V : struct
    where F : struct, IWeightFormat<V>
{
    /// <summary>Rows of the largest tile: 6 where there are 32 registers, else 2.</summary>
    public static int MaxRows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => S.Registers == 32 ? 6 : 2;
    }

    /// <summary>Computes a tile of as many rows as fit, at most <paramref name="rows"/>, and returns how many.</summary>
    [MethodImpl(KernelCompilation.Optimized)]
    public static int Run(int rows, int n, float* x, nint ldx, in WeightRows w, Vector128<float>* sums)
    {
        int done = S.Registers == 32 && rows >= 6 ? 6 : S.Registers == 32 && rows >= 4 ? 4 : rows >= 2 ? 2 : 1;
        switch (done)
        {
            case 6:
                Dot6(n, x, ldx, w, sums);
                break;
            case 4:
                Dot4(n, x, ldx, w, sums);
                break;
            case 2:
                Dot2(n, x, ldx, w, sums);
                break;
            default:
                Dot1(n, x, w, sums);
                break;
        }

        if (n % S.Count != 0)
        {
            AddTail(done, n, x, ldx, w, sums);
        }

        return done;
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Dot1(int n, float* x, in WeightRows w, Vector128<float>* sums)
    {
        byte* w0 = w.Row0, w1 = w.Row1, w2 = w.Row2, w3 = w.Row3;
        nint ahead = w.Ahead;
        V a00 = S.Zero, a01 = S.Zero, a02 = S.Zero, a03 = S.Zero;
        int k = 0;
        for (; k + 32 <= n; k += 32)
        {
            F.Prefetch(w0, k, ahead);
            F.Prefetch(w1, k, ahead);
            F.Prefetch(w2, k, ahead);
            F.Prefetch(w3, k, ahead);
            Vector128<float> scales = F.Scales(w, k);
            V d0 = S.BroadcastLane(scales, 0), d1 = S.BroadcastLane(scales, 1), d2 = S.BroadcastLane(scales, 2), d3 = S.BroadcastLane(scales, 3);
            for (int j = k; j < k + 32; j += S.Count)
            {
                V b0 = F.Load(w0, j, d0), b1 = F.Load(w1, j, d1), b2 = F.Load(w2, j, d2), b3 = F.Load(w3, j, d3);
                V v0 = S.Load(x + j);
                a00 = S.Fma(v0, b0, a00);
                a01 = S.Fma(v0, b1, a01);
                a02 = S.Fma(v0, b2, a02);
                a03 = S.Fma(v0, b3, a03);
            }
        }

        for (; k + S.Count <= n; k += S.Count)
        {
            V b0 = F.Load(w0, k, S.Zero), b1 = F.Load(w1, k, S.Zero), b2 = F.Load(w2, k, S.Zero), b3 = F.Load(w3, k, S.Zero);
            V v0 = S.Load(x + k);
            a00 = S.Fma(v0, b0, a00);
            a01 = S.Fma(v0, b1, a01);
            a02 = S.Fma(v0, b2, a02);
            a03 = S.Fma(v0, b3, a03);
        }

        sums[0] = S.Sum4(a00, a01, a02, a03);
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Dot2(int n, float* x, nint ldx, in WeightRows w, Vector128<float>* sums)
    {
        float* x1 = x + ldx;
        byte* w0 = w.Row0, w1 = w.Row1, w2 = w.Row2, w3 = w.Row3;
        nint ahead = w.Ahead;
        V a00 = S.Zero, a01 = S.Zero, a02 = S.Zero, a03 = S.Zero;
        V a10 = S.Zero, a11 = S.Zero, a12 = S.Zero, a13 = S.Zero;
        int k = 0;
        for (; k + 32 <= n; k += 32)
        {
            F.Prefetch(w0, k, ahead);
            F.Prefetch(w1, k, ahead);
            F.Prefetch(w2, k, ahead);
            F.Prefetch(w3, k, ahead);
            Vector128<float> scales = F.Scales(w, k);
            V d0 = S.BroadcastLane(scales, 0), d1 = S.BroadcastLane(scales, 1), d2 = S.BroadcastLane(scales, 2), d3 = S.BroadcastLane(scales, 3);
            for (int j = k; j < k + 32; j += S.Count)
            {
                V b0 = F.Load(w0, j, d0), b1 = F.Load(w1, j, d1), b2 = F.Load(w2, j, d2), b3 = F.Load(w3, j, d3);
                V v0 = S.Load(x + j);
                a00 = S.Fma(v0, b0, a00);
                a01 = S.Fma(v0, b1, a01);
                a02 = S.Fma(v0, b2, a02);
                a03 = S.Fma(v0, b3, a03);
                V v1 = S.Load(x1 + j);
                a10 = S.Fma(v1, b0, a10);
                a11 = S.Fma(v1, b1, a11);
                a12 = S.Fma(v1, b2, a12);
                a13 = S.Fma(v1, b3, a13);
            }
        }

        for (; k + S.Count <= n; k += S.Count)
        {
            V b0 = F.Load(w0, k, S.Zero), b1 = F.Load(w1, k, S.Zero), b2 = F.Load(w2, k, S.Zero), b3 = F.Load(w3, k, S.Zero);
            V v0 = S.Load(x + k);
            a00 = S.Fma(v0, b0, a00);
            a01 = S.Fma(v0, b1, a01);
            a02 = S.Fma(v0, b2, a02);
            a03 = S.Fma(v0, b3, a03);
            V v1 = S.Load(x1 + k);
            a10 = S.Fma(v1, b0, a10);
            a11 = S.Fma(v1, b1, a11);
            a12 = S.Fma(v1, b2, a12);
            a13 = S.Fma(v1, b3, a13);
        }

        sums[0] = S.Sum4(a00, a01, a02, a03);
        sums[1] = S.Sum4(a10, a11, a12, a13);
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Dot4(int n, float* x, nint ldx, in WeightRows w, Vector128<float>* sums)
    {
        float* x1 = x + ldx;
        float* x2 = x + (2 * ldx);
        float* x3 = x + (3 * ldx);
        byte* w0 = w.Row0, w1 = w.Row1, w2 = w.Row2, w3 = w.Row3;
        nint ahead = w.Ahead;
        V a00 = S.Zero, a01 = S.Zero, a02 = S.Zero, a03 = S.Zero;
        V a10 = S.Zero, a11 = S.Zero, a12 = S.Zero, a13 = S.Zero;
        V a20 = S.Zero, a21 = S.Zero, a22 = S.Zero, a23 = S.Zero;
        V a30 = S.Zero, a31 = S.Zero, a32 = S.Zero, a33 = S.Zero;
        int k = 0;
        for (; k + 32 <= n; k += 32)
        {
            F.Prefetch(w0, k, ahead);
            F.Prefetch(w1, k, ahead);
            F.Prefetch(w2, k, ahead);
            F.Prefetch(w3, k, ahead);
            Vector128<float> scales = F.Scales(w, k);
            V d0 = S.BroadcastLane(scales, 0), d1 = S.BroadcastLane(scales, 1), d2 = S.BroadcastLane(scales, 2), d3 = S.BroadcastLane(scales, 3);
            for (int j = k; j < k + 32; j += S.Count)
            {
                V b0 = F.Load(w0, j, d0), b1 = F.Load(w1, j, d1), b2 = F.Load(w2, j, d2), b3 = F.Load(w3, j, d3);
                V v0 = S.Load(x + j);
                a00 = S.Fma(v0, b0, a00);
                a01 = S.Fma(v0, b1, a01);
                a02 = S.Fma(v0, b2, a02);
                a03 = S.Fma(v0, b3, a03);
                V v1 = S.Load(x1 + j);
                a10 = S.Fma(v1, b0, a10);
                a11 = S.Fma(v1, b1, a11);
                a12 = S.Fma(v1, b2, a12);
                a13 = S.Fma(v1, b3, a13);
                V v2 = S.Load(x2 + j);
                a20 = S.Fma(v2, b0, a20);
                a21 = S.Fma(v2, b1, a21);
                a22 = S.Fma(v2, b2, a22);
                a23 = S.Fma(v2, b3, a23);
                V v3 = S.Load(x3 + j);
                a30 = S.Fma(v3, b0, a30);
                a31 = S.Fma(v3, b1, a31);
                a32 = S.Fma(v3, b2, a32);
                a33 = S.Fma(v3, b3, a33);
            }
        }

        for (; k + S.Count <= n; k += S.Count)
        {
            V b0 = F.Load(w0, k, S.Zero), b1 = F.Load(w1, k, S.Zero), b2 = F.Load(w2, k, S.Zero), b3 = F.Load(w3, k, S.Zero);
            V v0 = S.Load(x + k);
            a00 = S.Fma(v0, b0, a00);
            a01 = S.Fma(v0, b1, a01);
            a02 = S.Fma(v0, b2, a02);
            a03 = S.Fma(v0, b3, a03);
            V v1 = S.Load(x1 + k);
            a10 = S.Fma(v1, b0, a10);
            a11 = S.Fma(v1, b1, a11);
            a12 = S.Fma(v1, b2, a12);
            a13 = S.Fma(v1, b3, a13);
            V v2 = S.Load(x2 + k);
            a20 = S.Fma(v2, b0, a20);
            a21 = S.Fma(v2, b1, a21);
            a22 = S.Fma(v2, b2, a22);
            a23 = S.Fma(v2, b3, a23);
            V v3 = S.Load(x3 + k);
            a30 = S.Fma(v3, b0, a30);
            a31 = S.Fma(v3, b1, a31);
            a32 = S.Fma(v3, b2, a32);
            a33 = S.Fma(v3, b3, a33);
        }

        sums[0] = S.Sum4(a00, a01, a02, a03);
        sums[1] = S.Sum4(a10, a11, a12, a13);
        sums[2] = S.Sum4(a20, a21, a22, a23);
        sums[3] = S.Sum4(a30, a31, a32, a33);
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Dot6(int n, float* x, nint ldx, in WeightRows w, Vector128<float>* sums)
    {
        float* x1 = x + ldx;
        float* x2 = x + (2 * ldx);
        float* x3 = x + (3 * ldx);
        float* x4 = x + (4 * ldx);
        float* x5 = x + (5 * ldx);
        byte* w0 = w.Row0, w1 = w.Row1, w2 = w.Row2, w3 = w.Row3;
        V a00 = S.Zero, a01 = S.Zero, a02 = S.Zero, a03 = S.Zero;
        V a10 = S.Zero, a11 = S.Zero, a12 = S.Zero, a13 = S.Zero;
        V a20 = S.Zero, a21 = S.Zero, a22 = S.Zero, a23 = S.Zero;
        V a30 = S.Zero, a31 = S.Zero, a32 = S.Zero, a33 = S.Zero;
        V a40 = S.Zero, a41 = S.Zero, a42 = S.Zero, a43 = S.Zero;
        V a50 = S.Zero, a51 = S.Zero, a52 = S.Zero, a53 = S.Zero;
        int k = 0;
        for (; k + 32 <= n; k += 32)
        {
            Vector128<float> scales = F.Scales(w, k);
            V d0 = S.BroadcastLane(scales, 0), d1 = S.BroadcastLane(scales, 1), d2 = S.BroadcastLane(scales, 2), d3 = S.BroadcastLane(scales, 3);
            for (int j = k; j < k + 32; j += S.Count)
            {
                V b0 = F.Load(w0, j, d0), b1 = F.Load(w1, j, d1), b2 = F.Load(w2, j, d2), b3 = F.Load(w3, j, d3);
                V v0 = S.Load(x + j);
                a00 = S.Fma(v0, b0, a00);
                a01 = S.Fma(v0, b1, a01);
                a02 = S.Fma(v0, b2, a02);
                a03 = S.Fma(v0, b3, a03);
                V v1 = S.Load(x1 + j);
                a10 = S.Fma(v1, b0, a10);
                a11 = S.Fma(v1, b1, a11);
                a12 = S.Fma(v1, b2, a12);
                a13 = S.Fma(v1, b3, a13);
                V v2 = S.Load(x2 + j);
                a20 = S.Fma(v2, b0, a20);
                a21 = S.Fma(v2, b1, a21);
                a22 = S.Fma(v2, b2, a22);
                a23 = S.Fma(v2, b3, a23);
                V v3 = S.Load(x3 + j);
                a30 = S.Fma(v3, b0, a30);
                a31 = S.Fma(v3, b1, a31);
                a32 = S.Fma(v3, b2, a32);
                a33 = S.Fma(v3, b3, a33);
                V v4 = S.Load(x4 + j);
                a40 = S.Fma(v4, b0, a40);
                a41 = S.Fma(v4, b1, a41);
                a42 = S.Fma(v4, b2, a42);
                a43 = S.Fma(v4, b3, a43);
                V v5 = S.Load(x5 + j);
                a50 = S.Fma(v5, b0, a50);
                a51 = S.Fma(v5, b1, a51);
                a52 = S.Fma(v5, b2, a52);
                a53 = S.Fma(v5, b3, a53);
            }
        }

        for (; k + S.Count <= n; k += S.Count)
        {
            V b0 = F.Load(w0, k, S.Zero), b1 = F.Load(w1, k, S.Zero), b2 = F.Load(w2, k, S.Zero), b3 = F.Load(w3, k, S.Zero);
            V v0 = S.Load(x + k);
            a00 = S.Fma(v0, b0, a00);
            a01 = S.Fma(v0, b1, a01);
            a02 = S.Fma(v0, b2, a02);
            a03 = S.Fma(v0, b3, a03);
            V v1 = S.Load(x1 + k);
            a10 = S.Fma(v1, b0, a10);
            a11 = S.Fma(v1, b1, a11);
            a12 = S.Fma(v1, b2, a12);
            a13 = S.Fma(v1, b3, a13);
            V v2 = S.Load(x2 + k);
            a20 = S.Fma(v2, b0, a20);
            a21 = S.Fma(v2, b1, a21);
            a22 = S.Fma(v2, b2, a22);
            a23 = S.Fma(v2, b3, a23);
            V v3 = S.Load(x3 + k);
            a30 = S.Fma(v3, b0, a30);
            a31 = S.Fma(v3, b1, a31);
            a32 = S.Fma(v3, b2, a32);
            a33 = S.Fma(v3, b3, a33);
            V v4 = S.Load(x4 + k);
            a40 = S.Fma(v4, b0, a40);
            a41 = S.Fma(v4, b1, a41);
            a42 = S.Fma(v4, b2, a42);
            a43 = S.Fma(v4, b3, a43);
            V v5 = S.Load(x5 + k);
            a50 = S.Fma(v5, b0, a50);
            a51 = S.Fma(v5, b1, a51);
            a52 = S.Fma(v5, b2, a52);
            a53 = S.Fma(v5, b3, a53);
        }

        sums[0] = S.Sum4(a00, a01, a02, a03);
        sums[1] = S.Sum4(a10, a11, a12, a13);
        sums[2] = S.Sum4(a20, a21, a22, a23);
        sums[3] = S.Sum4(a30, a31, a32, a33);
        sums[4] = S.Sum4(a40, a41, a42, a43);
        sums[5] = S.Sum4(a50, a51, a52, a53);
    }

    /// <summary>Adds the last n % Count products, in order. Apart from the tiles, where the call would spill their registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddTail(int rows, int n, float* x, nint ldx, in WeightRows w, Vector128<float>* sums)
    {
        int rest = n % S.Count, first = n - rest;
        float* tail = stackalloc float[4 * 16];
        S.Store(tail, F.LoadPartial(w.Row0, first, rest));
        S.Store(tail + 16, F.LoadPartial(w.Row1, first, rest));
        S.Store(tail + 32, F.LoadPartial(w.Row2, first, rest));
        S.Store(tail + 48, F.LoadPartial(w.Row3, first, rest));
        for (int r = 0; r < rows; r++)
        {
            float* row = x + (r * ldx) + first;
            for (int i = 0; i < rest; i++)
            {
                sums[r] += Vector128.Create(tail[i], tail[16 + i], tail[32 + i], tail[48 + i]) * Vector128.Create(row[i]);
            }
        }
    }
}
