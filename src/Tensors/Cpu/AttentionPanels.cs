using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>Panels of keys and values of one head, and products with them.</summary>
internal static unsafe class AttentionPanels<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Rounds up to whole panels.</summary>
    public static int Padded(int length)
    {
        int tile = OuterProductTile<S, V>.Columns;
        return (length + tile - 1) / tile * tile;
    }

    /// <summary>Panels [d][positions of a tile] of a head's rows.</summary>
    public static void PackTransposed(float* source, nint ld, int length, int d, float* panels)
    {
        int tile = OuterProductTile<S, V>.Columns;
        for (int p = 0; p < length; p += tile)
        {
            Packing.Transpose(source + (p * ld), ld, Math.Min(tile, length - p), d, panels + ((long)p * d), tile);
        }
    }

    /// <summary>Panels [positions][columns of a tile] of a head's rows.</summary>
    public static void Pack(float* source, nint ld, int length, int d, float* panels)
    {
        int tile = OuterProductTile<S, V>.Columns;
        for (int j = 0; j < d; j += tile)
        {
            Packing.Copy(source + j, ld, length, Math.Min(tile, d - j), panels + ((long)j * length), tile);
        }
    }

    /// <summary>scores[r, p] = sum over i of strip[i, r] * keys[i, p], for a tile of rows and positions up to the limit, rounded up.</summary>
    public static void Scores(float* strip, float* keys, int d, int limit, float* scores, int stride)
    {
        int tileRows = OuterProductTile<S, V>.Rows, tile = OuterProductTile<S, V>.Columns;
        for (int p = 0; p < limit; p += tile)
        {
            OuterProductTile<S, V>.Run(d, strip, tileRows, keys + ((long)p * d), tile, scores + p, stride, tileRows, tile, false);
        }
    }

    /// <summary>
    /// c[r, j] (+)= sum over the steps of a[step * lda + r] * panels[step, j], for d columns; panels are <paramref name="length"/> long.
    /// </summary>
    public static void Product(
        int steps, float* a, nint lda, float* panels, int length, int d, float* c, nint ldc, int rows, bool add)
    {
        int tile = OuterProductTile<S, V>.Columns;
        for (int j = 0; j < d; j += tile)
        {
            OuterProductTile<S, V>.Run(steps, a, lda, panels + ((long)j * length), tile, c + j, ldc, rows, d - j, add);
        }
    }
}
