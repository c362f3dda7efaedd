using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>
/// Attention inside packed sequences, causal or to all keys of the sequence, for encoders and training. A task is a sequence and
/// a key/value head; its scores are computed for a strip of rows at a time by <see cref="OuterProductTile{S, V}"/> over packed
/// keys and values.
/// </summary>
internal static unsafe class PackedAttention<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static void Forward(
        CpuContext context, Tensor q, Tensor k, Tensor v, PackedSequences sequences, int headDimension, float scale, Tensor y, Tensor logSumExp)
    {
        int kvHeads = k.Columns / headDimension;
        context.Pool.For(sequences.Count * kvHeads, (task, worker) =>
        {
            PackedSequence sequence = sequences[task / kvHeads];
            if (sequence.Queries > 0)
            {
                Head(context.Scratch[worker], q, k, v, sequence, task % kvHeads, headDimension, scale, y, logSumExp);
            }
        });
    }

    private static void Head(
        NativeBuffer scratch, Tensor q, Tensor k, Tensor v, in PackedSequence sequence, int kvHead, int d, float scale, Tensor y, Tensor logSumExp)
    {
        int first = sequence.FirstQuery, queries = sequence.Queries, length = sequence.Keys;
        int tileRows = OuterProductTile<S, V>.Rows, group = q.Columns / k.Columns;
        int padded = AttentionPanels<S, V>.Padded(length), paddedHead = AttentionPanels<S, V>.Padded(d);
        float* keys = scratch.Floats((long)d * padded + ((long)length * paddedHead) + ((long)tileRows * (d + (2L * padded))));
        float* values = keys + ((long)d * padded);
        float* scores = values + ((long)length * paddedHead);
        float* probabilities = scores + ((long)tileRows * padded);
        float* strip = probabilities + ((long)tileRows * padded);
        float* inverses = stackalloc float[12];
        long offset = ((long)sequence.FirstKey * k.Columns) + (kvHead * d);
        AttentionPanels<S, V>.PackTransposed((float*)k.Data + offset, k.Columns, length, d, keys);
        AttentionPanels<S, V>.Pack((float*)v.Data + offset, v.Columns, length, d, values);
        for (int head = kvHead * group; head < (kvHead + 1) * group; head++)
        {
            for (int row = 0; row < queries; row += tileRows)
            {
                int rows = Math.Min(tileRows, queries - row), limit = sequence.Visible(row + rows - 1);
                long origin = ((long)(first + row) * q.Columns) + (head * d);
                Packing.Transpose((float*)q.Data + origin, q.Columns, rows, d, strip, tileRows, scale);
                AttentionPanels<S, V>.Scores(strip, keys, d, limit, scores, padded);
                for (int r = 0; r < rows; r++)
                {
                    float* scoreRow = scores + ((long)r * padded);
                    int visible = sequence.Visible(row + r);
                    float largest = Softmax<S, V>.Max(scoreRow, visible);
                    float total = Softmax<S, V>.Exponentials(scoreRow, visible, largest);
                    new Span<float>(scoreRow + visible, limit - visible).Clear();
                    inverses[r] = 1 / total;
                    ((float*)logSumExp.Data)[((long)(first + row + r) * logSumExp.Columns) + head] = largest + MathF.Log(total);
                }

                Packing.Transpose(scores, padded, rows, limit, probabilities, tileRows);
                AttentionPanels<S, V>.Product(
                    limit, probabilities, tileRows, values, length, d, (float*)y.Data + origin, y.Columns, rows, false);
                for (int r = 0; r < rows; r++)
                {
                    Softmax<S, V>.Scale((float*)y.Data + origin + ((long)r * y.Columns), d, inverses[r]);
                }
            }
        }
    }
}
