using System.Runtime.CompilerServices;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>
/// The gradients of <see cref="PackedAttention{S, V}"/>: with P = exp(scale Q Kᵀ - logSumExp), D = rowsum(dY * Y) and
/// dS = scale P (dY Vᵀ - D), they are dQ = dS K, dK = dSᵀ Q, dV = Pᵀ dY (Dao et al., FlashAttention, 2022).
/// A block of rows at a time; its P and dS lie in scratch memory.
/// </summary>
internal static unsafe class PackedAttentionBackward<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Strips of tile rows in a block: the length of the sums in dSᵀ Q and Pᵀ dY.</summary>
    private const int StripsPerBlock = 4;

    public static void Run(CpuContext context, in AttentionGradients arguments)
    {
        AttentionGradients g = arguments;
        int kvHeads = g.K.Columns / g.HeadDimension;
        context.Pool.For(g.Sequences.Count * kvHeads, (task, worker) =>
        {
            PackedSequence sequence = g.Sequences[task / kvHeads];
            if (sequence.Queries > 0)
            {
                Head(context.Scratch[worker], g, sequence, task % kvHeads);
            }
        });
    }

    private static void Head(NativeBuffer scratch, in AttentionGradients g, in PackedSequence sequence, int kvHead)
    {
        int first = sequence.FirstQuery, count = sequence.Queries, length = sequence.Keys;
        int d = g.HeadDimension, group = g.Q.Columns / g.K.Columns;
        int tileRows = OuterProductTile<S, V>.Rows, blockRows = StripsPerBlock * tileRows;
        int padded = AttentionPanels<S, V>.Padded(length + tileRows), paddedHead = AttentionPanels<S, V>.Padded(d);
        float* keysT = scratch.Floats(
            (2L * d * padded) + ((long)length * paddedHead) + (2L * blockRows * padded) + ((long)tileRows * (padded + d)) + (2L * blockRows * paddedHead));
        float* valuesT = keysT + ((long)d * padded);
        float* keys = valuesT + ((long)d * padded);
        float* p = keys + ((long)length * paddedHead);
        float* ds = p + ((long)blockRows * padded);
        float* transposed = ds + ((long)blockRows * padded);
        float* strip = transposed + ((long)tileRows * padded);
        float* queries = strip + ((long)tileRows * d);
        float* upstream = queries + ((long)blockRows * paddedHead);
        long kvOffset = ((long)sequence.FirstKey * g.K.Columns) + (kvHead * d);
        AttentionPanels<S, V>.PackTransposed((float*)g.K.Data + kvOffset, g.K.Columns, length, d, keysT);
        AttentionPanels<S, V>.PackTransposed((float*)g.V.Data + kvOffset, g.V.Columns, length, d, valuesT);
        AttentionPanels<S, V>.Pack((float*)g.K.Data + kvOffset, g.K.Columns, length, d, keys);
        for (int head = kvHead * group; head < (kvHead + 1) * group; head++)
        {
            for (int block = 0; block < count; block += blockRows)
            {
                int rows = Math.Min(blockRows, count - block), limit = sequence.Visible(block + rows - 1);
                long origin = ((long)(first + block) * g.Q.Columns) + (head * d);
                for (int row = 0; row < rows; row += tileRows)
                {
                    int stripRows = Math.Min(tileRows, rows - row), visible = sequence.Visible(block + row + stripRows - 1);
                    long at = origin + ((long)row * g.Q.Columns);
                    float* pStrip = p + ((long)row * padded), dsStrip = ds + ((long)row * padded);
                    Packing.Transpose((float*)g.Q.Data + at, g.Q.Columns, stripRows, d, strip, tileRows, g.Scale);
                    AttentionPanels<S, V>.Scores(strip, keysT, d, visible, pStrip, padded);
                    Packing.Transpose((float*)g.Dy.Data + at, g.Q.Columns, stripRows, d, strip, tileRows);
                    AttentionPanels<S, V>.Scores(strip, valuesT, d, visible, dsStrip, padded);
                    for (int r = 0; r < stripRows; r++)
                    {
                        int t = first + block + row + r;
                        long y = ((long)t * g.Q.Columns) + (head * d);
                        float mean = Dot((float*)g.Dy.Data + y, (float*)g.Y.Data + y, d);
                        float sum = ((float*)g.LogSumExp.Data)[((long)t * g.LogSumExp.Columns) + head];
                        ScoreGradients(
                            pStrip + ((long)r * padded), dsStrip + ((long)r * padded), sequence.Visible(block + row + r), limit + tileRows, sum, mean, g.Scale);
                    }

                    Packing.Transpose(dsStrip, padded, stripRows, visible, transposed, tileRows);
                    AttentionPanels<S, V>.Product(
                        visible, transposed, tileRows, keys, length, d, (float*)g.Dq.Data + at, g.Q.Columns, stripRows, true);
                }

                AttentionPanels<S, V>.Pack((float*)g.Q.Data + origin, g.Q.Columns, rows, d, queries);
                AttentionPanels<S, V>.Pack((float*)g.Dy.Data + origin, g.Q.Columns, rows, d, upstream);
                for (int position = 0; position < limit; position += tileRows)
                {
                    long at = kvOffset + ((long)position * g.K.Columns);
                    int positions = Math.Min(tileRows, limit - position);
                    AttentionPanels<S, V>.Product(
                        rows, ds + position, padded, queries, rows, d, (float*)g.Dk.Data + at, g.K.Columns, positions, true);
                    AttentionPanels<S, V>.Product(
                        rows, p + position, padded, upstream, rows, d, (float*)g.Dv.Data + at, g.K.Columns, positions, true);
                }
            }
        }
    }

    /// <summary>p = e^(p - logSumExp), ds = scale p (ds - mean) for the visible positions, zero from there to the limit.</summary>
    [MethodImpl(KernelCompilation.Optimized)]
    private static void ScoreGradients(float* p, float* ds, int visible, int limit, float logSumExp, float mean, float scale)
    {
        V shift = S.Broadcast(logSumExp), center = S.Broadcast(mean), factor = S.Broadcast(scale);
        for (int i = 0; i < visible; i += S.Count)
        {
            V e = VectorMath<S, V>.Exp(S.Subtract(S.Load(p + i), shift));
            S.Store(p + i, e);
            S.Store(ds + i, S.Multiply(S.Multiply(e, factor), S.Subtract(S.Load(ds + i), center)));
        }

        new Span<float>(p + visible, limit - visible).Clear();
        new Span<float>(ds + visible, limit - visible).Clear();
    }

    private static float Dot(float* a, float* b, int n)
    {
        float sum = 0;
        for (int i = 0; i < n; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
