using System.Runtime.CompilerServices;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>
/// The register tile of matrix products that sum over rows: c[r, j] (+)= sum over k of a[k * lda + r] * b[k * ldb + j].
/// Each step broadcasts <see cref="Rows"/> numbers of a and multiplies them with two vectors of b; all sums stay in registers.
/// The sum over k is sequential, whatever the position in the matrix.
/// </summary>
internal static unsafe class OuterProductTile<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Rows of a tile: 12 where there are 32 registers, else 6.</summary>
    public static int Rows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => S.Registers == 32 ? 12 : 6;
    }

    /// <summary>Columns of a tile: two vectors.</summary>
    public static int Columns
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * S.Count;
    }

    /// <summary>
    /// Computes a tile of which the first <paramref name="rows"/> and <paramref name="columns"/> are stored. a and b must be
    /// readable over full tiles; what they hold beyond is ignored.
    /// </summary>
    public static void Run(
        int k, float* a, nint lda, float* b, nint ldb, float* c, nint ldc, int rows, int columns, bool add)
    {
        if (rows >= Rows && columns >= Columns)
        {
            Full(k, a, lda, b, ldb, c, ldc, add);
            return;
        }

        float* tile = stackalloc float[12 * 32];
        Full(k, a, lda, b, ldb, tile, Columns, false);
        for (int r = 0; r < Math.Min(rows, Rows); r++)
        {
            for (int j = 0; j < Math.Min(columns, Columns); j++)
            {
                float old = add ? c[(r * ldc) + j] : 0;
                c[(r * ldc) + j] = old + tile[(r * Columns) + j];
            }
        }
    }

    private static void Full(int k, float* a, nint lda, float* b, nint ldb, float* c, nint ldc, bool add)
    {
        if (S.Registers == 32)
        {
            Tile12(k, a, lda, b, ldb, c, ldc, add);
        }
        else
        {
            Tile6(k, a, lda, b, ldb, c, ldc, add);
        }
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile12(int k, float* a, nint lda, float* b, nint ldb, float* c, nint ldc, bool add)
    {
        V c00 = S.Zero, c01 = S.Zero;
        V c10 = S.Zero, c11 = S.Zero;
        V c20 = S.Zero, c21 = S.Zero;
        V c30 = S.Zero, c31 = S.Zero;
        V c40 = S.Zero, c41 = S.Zero;
        V c50 = S.Zero, c51 = S.Zero;
        V c60 = S.Zero, c61 = S.Zero;
        V c70 = S.Zero, c71 = S.Zero;
        V c80 = S.Zero, c81 = S.Zero;
        V c90 = S.Zero, c91 = S.Zero;
        V c100 = S.Zero, c101 = S.Zero;
        V c110 = S.Zero, c111 = S.Zero;
        for (; k > 0; k--)
        {
            V b0 = S.Load(b), b1 = S.Load(b + S.Count);
            V a0 = S.Broadcast(a[0]);
            c00 = S.Fma(a0, b0, c00);
            c01 = S.Fma(a0, b1, c01);
            V a1 = S.Broadcast(a[1]);
            c10 = S.Fma(a1, b0, c10);
            c11 = S.Fma(a1, b1, c11);
            V a2 = S.Broadcast(a[2]);
            c20 = S.Fma(a2, b0, c20);
            c21 = S.Fma(a2, b1, c21);
            V a3 = S.Broadcast(a[3]);
            c30 = S.Fma(a3, b0, c30);
            c31 = S.Fma(a3, b1, c31);
            V a4 = S.Broadcast(a[4]);
            c40 = S.Fma(a4, b0, c40);
            c41 = S.Fma(a4, b1, c41);
            V a5 = S.Broadcast(a[5]);
            c50 = S.Fma(a5, b0, c50);
            c51 = S.Fma(a5, b1, c51);
            V a6 = S.Broadcast(a[6]);
            c60 = S.Fma(a6, b0, c60);
            c61 = S.Fma(a6, b1, c61);
            V a7 = S.Broadcast(a[7]);
            c70 = S.Fma(a7, b0, c70);
            c71 = S.Fma(a7, b1, c71);
            V a8 = S.Broadcast(a[8]);
            c80 = S.Fma(a8, b0, c80);
            c81 = S.Fma(a8, b1, c81);
            V a9 = S.Broadcast(a[9]);
            c90 = S.Fma(a9, b0, c90);
            c91 = S.Fma(a9, b1, c91);
            V a10 = S.Broadcast(a[10]);
            c100 = S.Fma(a10, b0, c100);
            c101 = S.Fma(a10, b1, c101);
            V a11 = S.Broadcast(a[11]);
            c110 = S.Fma(a11, b0, c110);
            c111 = S.Fma(a11, b1, c111);
            a += lda;
            b += ldb;
        }

        Put(c, c00, c01, add);
        Put(c + ldc, c10, c11, add);
        Put(c + (2 * ldc), c20, c21, add);
        Put(c + (3 * ldc), c30, c31, add);
        Put(c + (4 * ldc), c40, c41, add);
        Put(c + (5 * ldc), c50, c51, add);
        Put(c + (6 * ldc), c60, c61, add);
        Put(c + (7 * ldc), c70, c71, add);
        Put(c + (8 * ldc), c80, c81, add);
        Put(c + (9 * ldc), c90, c91, add);
        Put(c + (10 * ldc), c100, c101, add);
        Put(c + (11 * ldc), c110, c111, add);
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Tile6(int k, float* a, nint lda, float* b, nint ldb, float* c, nint ldc, bool add)
    {
        V c00 = S.Zero, c01 = S.Zero;
        V c10 = S.Zero, c11 = S.Zero;
        V c20 = S.Zero, c21 = S.Zero;
        V c30 = S.Zero, c31 = S.Zero;
        V c40 = S.Zero, c41 = S.Zero;
        V c50 = S.Zero, c51 = S.Zero;
        for (; k > 0; k--)
        {
            V b0 = S.Load(b), b1 = S.Load(b + S.Count);
            V a0 = S.Broadcast(a[0]);
            c00 = S.Fma(a0, b0, c00);
            c01 = S.Fma(a0, b1, c01);
            V a1 = S.Broadcast(a[1]);
            c10 = S.Fma(a1, b0, c10);
            c11 = S.Fma(a1, b1, c11);
            V a2 = S.Broadcast(a[2]);
            c20 = S.Fma(a2, b0, c20);
            c21 = S.Fma(a2, b1, c21);
            V a3 = S.Broadcast(a[3]);
            c30 = S.Fma(a3, b0, c30);
            c31 = S.Fma(a3, b1, c31);
            V a4 = S.Broadcast(a[4]);
            c40 = S.Fma(a4, b0, c40);
            c41 = S.Fma(a4, b1, c41);
            V a5 = S.Broadcast(a[5]);
            c50 = S.Fma(a5, b0, c50);
            c51 = S.Fma(a5, b1, c51);
            a += lda;
            b += ldb;
        }

        Put(c, c00, c01, add);
        Put(c + ldc, c10, c11, add);
        Put(c + (2 * ldc), c20, c21, add);
        Put(c + (3 * ldc), c30, c31, add);
        Put(c + (4 * ldc), c40, c41, add);
        Put(c + (5 * ldc), c50, c51, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(float* c, V left, V right, bool add)
    {
        if (add)
        {
            left = S.Add(S.Load(c), left);
            right = S.Add(S.Load(c + S.Count), right);
        }

        S.Store(c, left);
        S.Store(c + S.Count, right);
    }
}
