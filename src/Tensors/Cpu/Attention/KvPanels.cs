using System.Runtime.CompilerServices;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu.Attention;

/// <summary>
/// A block of keys and values converted to floats: panels of keys [d][positions of a tile], panels of values
/// [positions of the block][columns of a tile], the last one vector wide where that is enough.
/// </summary>
internal static unsafe class KvPanels<S, V, F>
    where S : struct, ISimd<V>
    where V : struct
    where F : struct, IKvFormat<V>
{
    /// <summary>Converts positions [first, last) of a block. keys [256 * d]; values [256 * d], d rounded up to whole tiles.</summary>
    [MethodImpl(KernelCompilation.Optimized)]
    public static void Convert(in KvRuns runs, int d, int first, int last, float* keys, float* values)
    {
        for (int position = first / S.Count * S.Count; position < last; position += S.Count)
        {
            int run = position / HostKvCache.Lanes, lane = position % HostKvCache.Lanes, tile = OuterProductTile<S, V>.Columns;
            byte* source = runs.Keys[run] + (lane * F.ElementBytes);
            float* scales = (float*)(runs.Keys[run] + (HostKvCache.Lanes * d * F.ElementBytes)) + lane;
            float* target = keys + ((long)(position / tile * tile) * d) + (position % tile);
            for (int i = 0; i < d; i++)
            {
                V elements = F.Load(source);
                S.Store(target, F.HasScales ? S.Multiply(elements, S.Load(scales + (i / HostKvCache.ScaleLength * HostKvCache.Lanes))) : elements);
                source += HostKvCache.Lanes * F.ElementBytes;
                target += tile;
            }
        }

        int scaleCount = (d + HostKvCache.ScaleLength - 1) / HostKvCache.ScaleLength;
        for (int column = 0; column < d; column += S.Count)
        {
            int width = Width(d, column);
            float* target = values + ((long)(column / OuterProductTile<S, V>.Columns) * OuterProductTile<S, V>.Columns * BlockScores.Positions)
                + (column % OuterProductTile<S, V>.Columns) + ((long)first * width);
            for (int position = first; position < last; position++)
            {
                byte* run = runs.Values[position / HostKvCache.Lanes];
                int lane = position % HostKvCache.Lanes;
                V elements = F.Load(run + (((lane * d) + column) * F.ElementBytes));
                if (F.HasScales)
                {
                    float* scales = (float*)(run + (HostKvCache.Lanes * d * F.ElementBytes)) + (lane * scaleCount);
                    elements = S.Multiply(elements, S.Broadcast(scales[column / HostKvCache.ScaleLength]));
                }

                S.Store(target, elements);
                target += width;
            }
        }
    }

    /// <summary>sums[r, j] = sum over positions [first, last) of p[r, position] * values[position, j] for a tile of rows.</summary>
    public static void WeightedValues(float* values, int d, int first, int last, float* p, float* sums, nint ld)
    {
        int tile = OuterProductTile<S, V>.Columns;
        for (int column = 0; column < d; column += tile)
        {
            int width = Width(d, column);
            ProbabilityTile<S, V>.Run(
                last - first, p + first, values + ((long)column * BlockScores.Positions) + ((long)first * width), width == tile, sums + column, ld);
        }
    }

    /// <summary>Columns of the panel that holds a column.</summary>
    private static int Width(int d, int column)
    {
        int tile = OuterProductTile<S, V>.Columns, panel = column / tile * tile;
        return d - panel > S.Count ? tile : S.Count;
    }
}
