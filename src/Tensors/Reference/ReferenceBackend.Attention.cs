namespace Inference.Tensors.Reference;

/// <content>Attention: over the paged cache, and over packed sequences with its backward pass.</content>
public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void WriteKv(Tensor k, Tensor v, KvCache cache, int layer, ReadOnlySpan<int> slots)
    {
        HostKvCache host = OperationShapes.WriteKv(k, v, cache, layer, slots);
        for (int t = 0; t < slots.Length; t++)
        {
            host.Write(layer, slots[t], k.ReadRow(t), v.ReadRow(t));
        }
    }

    /// <inheritdoc/>
    public void PagedAttention(Tensor q, KvCache cache, int layer, ReadOnlySpan<AttentionSlice> slices, AttentionOptions options, Tensor y)
    {
        HostKvCache host = OperationShapes.PagedAttention(q, cache, layer, slices, options, y);
        foreach (AttentionSlice slice in slices)
        {
            ReadOnlySpan<int> blocks = slice.BlockTable.Span;
            int tokens = slice.FirstPosition + slice.RowCount;
            float[][] keys = new float[tokens][], values = new float[tokens][];
            for (int p = 0; p < tokens; p++)
            {
                int slot = (blocks[p / cache.BlockLength] * cache.BlockLength) + (p % cache.BlockLength);
                keys[p] = host.ReadKey(layer, slot);
                values[p] = host.ReadValue(layer, slot);
            }

            for (int row = slice.FirstRow; row < slice.FirstRow + slice.RowCount; row++)
            {
                int visible = slice.FirstPosition + row - slice.FirstRow + 1;
                int first = options.SlidingWindow == 0 ? 0 : Math.Max(0, visible - options.SlidingWindow);
                y.WriteRow(
                    row, Attend(q.ReadRow(row), keys.AsSpan(first..visible), values.AsSpan(first), cache.HeadDimension, options, null));
            }
        }
    }

    /// <inheritdoc/>
    public void CausalAttention(
        Tensor q, Tensor k, Tensor v, ReadOnlySpan<int> starts, int headDimension, float scale, Tensor y, Tensor logSumExp)
    {
        OperationShapes.CausalAttention(q, k, v, starts, headDimension, y, logSumExp);
        AttendPacked(q, k, v, starts, starts, causal: true, headDimension, scale, y, logSumExp);
    }

    /// <inheritdoc/>
    public void FullAttention(
        Tensor q, Tensor k, Tensor v, ReadOnlySpan<int> queryStarts, ReadOnlySpan<int> keyStarts, int headDimension, float scale,
        Tensor y, Tensor logSumExp)
    {
        OperationShapes.FullAttention(q, k, v, queryStarts, keyStarts, headDimension, y, logSumExp);
        AttendPacked(q, k, v, queryStarts, keyStarts, causal: false, headDimension, scale, y, logSumExp);
    }

    /// <inheritdoc/>
    public void CausalAttentionBackward(
        Tensor q, Tensor k, Tensor v, Tensor y, Tensor logSumExp, Tensor dy, ReadOnlySpan<int> starts, int headDimension, float scale,
        Tensor dq, Tensor dk, Tensor dv)
    {
        OperationShapes.CausalAttentionBackward(q, k, v, y, logSumExp, dy, starts, headDimension, dq, dk, dv);
        PackedGradients(q, k, v, y, logSumExp, dy, starts, starts, causal: true, headDimension, scale, dq, dk, dv);
    }

    /// <inheritdoc/>
    public void FullAttentionBackward(
        Tensor q, Tensor k, Tensor v, Tensor y, Tensor logSumExp, Tensor dy, ReadOnlySpan<int> queryStarts, ReadOnlySpan<int> keyStarts,
        int headDimension, float scale, Tensor dq, Tensor dk, Tensor dv)
    {
        OperationShapes.FullAttentionBackward(q, k, v, y, logSumExp, dy, queryStarts, keyStarts, headDimension, dq, dk, dv);
        PackedGradients(q, k, v, y, logSumExp, dy, queryStarts, keyStarts, causal: false, headDimension, scale, dq, dk, dv);
    }

    private static void AttendPacked(
        Tensor q, Tensor k, Tensor v, ReadOnlySpan<int> queryStarts, ReadOnlySpan<int> keyStarts, bool causal, int headDimension, float scale,
        Tensor y, Tensor logSumExp)
    {
        float[][] keys = Read(k), values = Read(v);
        for (int s = 0; s + 1 < queryStarts.Length; s++)
        {
            for (int row = queryStarts[s]; row < queryStarts[s + 1]; row++)
            {
                int first = keyStarts[s], last = causal ? row + 1 : keyStarts[s + 1];
                float[] sums = new float[logSumExp.Columns];
                y.WriteRow(row, Attend(q.ReadRow(row), keys.AsSpan(first..last), values.AsSpan(first), headDimension, new(scale), sums));
                logSumExp.WriteRow(row, sums);
            }
        }
    }

    private static void PackedGradients(
        Tensor q, Tensor k, Tensor v, Tensor y, Tensor logSumExp, Tensor dy, ReadOnlySpan<int> queryStarts, ReadOnlySpan<int> keyStarts,
        bool causal, int headDimension, float scale, Tensor dq, Tensor dk, Tensor dv)
    {
        float[][] queries = Read(q), keys = Read(k), values = Read(v), outputs = Read(y), sums = Read(logSumExp), gradients = Read(dy);
        int n = headDimension, heads = q.Columns / n, group = q.Columns / k.Columns;
        double[,] queryGradients = new double[q.Rows, q.Columns];
        double[,] keyGradients = new double[k.Rows, k.Columns], valueGradients = new double[k.Rows, k.Columns];
        for (int s = 0; s + 1 < queryStarts.Length; s++)
        {
            for (int row = queryStarts[s]; row < queryStarts[s + 1]; row++)
            {
                int last = causal ? row + 1 : keyStarts[s + 1];
                for (int head = 0; head < heads; head++)
                {
                    int a = head * n, b = head / group * n;
                    double mean = Sum(n, i => (double)gradients[row][a + i] * outputs[row][a + i]);
                    for (int p = keyStarts[s]; p < last; p++)
                    {
                        double probability = Math.Exp((scale * Sum(n, i => (double)queries[row][a + i] * keys[p][b + i])) - sums[row][head]);
                        double upstream = Sum(n, i => (double)gradients[row][a + i] * values[p][b + i]);
                        double score = probability * (upstream - mean) * scale;
                        for (int i = 0; i < n; i++)
                        {
                            queryGradients[row, a + i] += score * keys[p][b + i];
                            keyGradients[p, b + i] += score * queries[row][a + i];
                            valueGradients[p, b + i] += probability * gradients[row][a + i];
                        }
                    }
                }
            }
        }

        Accumulate(dq, (t, i) => queryGradients[t, i]);
        Accumulate(dk, (t, i) => keyGradients[t, i]);
        Accumulate(dv, (t, i) => valueGradients[t, i]);
    }

    private static float[] Attend(float[] q, Span<float[]> keys, Span<float[]> values, int n, AttentionOptions options, float[]? logSumExp)
    {
        float[] y = new float[q.Length];
        int group = q.Length / keys[0].Length;
        double[] scores = new double[keys.Length];
        for (int head = 0; head < q.Length / n; head++)
        {
            int a = head * n, b = head / group * n;
            for (int p = 0; p < keys.Length; p++)
            {
                float[] key = keys[p];
                double score = options.Scale * Sum(n, i => (double)q[a + i] * key[b + i]);
                scores[p] = options.SoftCap == 0 ? score : options.SoftCap * Math.Tanh(score / options.SoftCap);
            }

            double largest = scores.Max();
            double total = scores.Sum(score => Math.Exp(score - largest));
            for (int i = 0; i < n; i++)
            {
                double sum = 0;
                for (int p = 0; p < keys.Length; p++)
                {
                    sum += Math.Exp(scores[p] - largest) / total * values[p][b + i];
                }

                y[a + i] = (float)sum;
            }

            if (logSumExp is not null)
            {
                logSumExp[head] = (float)(largest + Math.Log(total));
            }
        }

        return y;
    }
}
