namespace Inference.Tensors;

/// <summary>The shape contract of each operation of <see cref="IBackend"/>, shared by all backends.</summary>
internal static partial class OperationShapes
{
    public static void Embedding(Tensor table, ReadOnlySpan<int> ids, Tensor y)
    {
        Require.Alive(table);
        Require.Shape(y, ids.Length, table.Columns);
        Require.Indices(ids, table.Rows, nameof(ids));
    }

    public static void Linear(Tensor x, Tensor w, Tensor? bias, Tensor y)
    {
        Require.Float(x);
        Require.Columns(w, x.Columns);
        Require.Shape(y, x.Rows, w.Rows);
        Require.Distinct(y, x);
        if (bias is not null)
        {
            Require.Shape(bias, 1, w.Rows);
        }
    }

    public static void Linear(Tensor x, PreparedWeight w, ReadOnlySpan<Tensor?> bias, ReadOnlySpan<Tensor> y)
    {
        Require.Float(x);
        ArgumentNullException.ThrowIfNull(w);
        Require.Columns(x, w.Columns);
        Require.Length(y.Length, w.Parts.Count, nameof(y));
        if (!bias.IsEmpty)
        {
            Require.Length(bias.Length, w.Parts.Count, nameof(bias));
        }

        for (int i = 0; i < y.Length; i++)
        {
            Require.Shape(y[i], x.Rows, w.Parts[i].Rows, $"{nameof(y)}[{i}]");
            Require.Distinct(y[i], x, $"{nameof(y)}[{i}]");
            if (!bias.IsEmpty && bias[i] is { } offset)
            {
                Require.Shape(offset, 1, w.Parts[i].Rows, $"{nameof(bias)}[{i}]");
            }
        }
    }

    public static void AddLowRank(in LowRankProduct product)
    {
        Refuse(product.W.Packed != product.W, nameof(product.W));
        Require.Float(product.X, nameof(product.X));
        Require.Columns(product.X, product.W.Inputs, nameof(product.X));
        Require.Shape(product.Y, product.X.Rows, product.W.Outputs, nameof(product.Y));
        Require.Distinct(product.Y, product.X, nameof(product.Y));
        Require.Indices(product.Rows, product.X.Rows, nameof(product.Rows));
        if (product.Bias is not null)
        {
            Require.Shape(product.Bias, 1, product.W.Outputs, nameof(product.Bias));
        }
    }

    /// <summary>Changes of a product that has been checked.</summary>
    public static void Changes(in LinearProduct product, LowRankChanges changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        Refuse(changes.IsPlaced, nameof(changes));
        Require.Length(changes.Outputs.Length, product.Y.Length, nameof(changes));
        if (changes.RowLimit > product.X.Rows)
        {
            throw new ArgumentOutOfRangeException(nameof(changes), changes.RowLimit - 1, $"rows must be in [0, {product.X.Rows})");
        }

        for (int i = 0; i < changes.Outputs.Length; i++)
        {
            int outputs = changes.Outputs[i];
            if (changes.Inputs != product.X.Columns || (outputs > 0 && outputs != product.Y[i].Columns))
            {
                throw new ArgumentException($"part {i} is changed by [{outputs}, {changes.Inputs}], but is [{product.Y[i].Columns}, {product.X.Columns}]", nameof(changes));
            }
        }
    }

    public static void Convolution(Tensor x, PreparedConvolution w, Tensor? bias, ConvolutionOptions options, Tensor y)
    {
        Require.Float(x);
        Require.Float(y);
        ArgumentNullException.ThrowIfNull(w);
        Require.Columns(x, w.Inputs);
        Require.Distinct(y, x);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Dilation, 1, nameof(options));
        if (options.Column < 0 || options.Column > y.Columns - w.Outputs)
        {
            throw new ArgumentException($"y must have {w.Outputs} columns from {options.Column} on: it is {y}", nameof(y));
        }

        if (bias is not null)
        {
            Require.Shape(bias, 1, w.Outputs);
        }
    }

    public static void LeakyRelu(Tensor x, float slope, Tensor y)
    {
        Elementwise(x, y);
        if (!(slope >= 0 && slope <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(slope), slope, "slope must be 0 to 1");
        }
    }

    public static void GatedTanh(Tensor x, Tensor y)
    {
        Require.Float(y);
        Require.Shape(x, y.Rows, 2 * y.Columns);
        Require.Distinct(y, x);
    }

    public static void RmsNorm(Tensor x, Tensor weight, Tensor y)
    {
        Require.Float(x);
        Require.Shape(weight, 1, x.Columns);
        Require.SameShape(y, x);
    }

    public static void LayerNorm(Tensor x, Tensor weight, Tensor bias, Tensor y)
    {
        RmsNorm(x, weight, y);
        Require.Shape(bias, 1, x.Columns);
    }

    public static void Elementwise(Tensor x, Tensor y)
    {
        Require.Float(x);
        Require.SameShape(y, x);
    }

    public static void SwiGlu(Tensor gate, Tensor up, Tensor y)
    {
        Require.Float(gate);
        Require.SameShape(up, gate);
        Require.SameShape(y, gate);
    }

    public static void Rotary(Tensor x, ReadOnlySpan<int> positions, Tensor cos, Tensor sin, int headDimension)
    {
        Require.Float(x);
        Require.Length(positions.Length, x.Rows, nameof(positions));
        if (headDimension <= 0 || headDimension % 2 != 0 || x.Columns % headDimension != 0)
        {
            throw new ArgumentException($"headDimension must be even and divide the columns of {x}, not {headDimension}", nameof(headDimension));
        }

        if (cos.Columns == 0 || cos.Columns > headDimension / 2)
        {
            throw new ArgumentException($"cos must have 1 to {headDimension / 2} columns, half of headDimension: it is {cos}", nameof(cos));
        }

        Require.Float(cos);
        Require.Shape(sin, cos.Rows, cos.Columns);
        Require.Indices(positions, cos.Rows, nameof(positions));
    }

    public static void SoftCap(Tensor x, float cap)
    {
        Require.Float(x);
        Positive(cap, nameof(cap));
    }

    public static void ScatterAddRows(Tensor x, ReadOnlySpan<int> rows, ReadOnlySpan<float> weights, Tensor y)
    {
        Require.Float(y);
        Require.Shape(x, rows.Length, y.Columns);
        Require.Length(weights.Length, rows.Length, nameof(weights));
        Require.Indices(rows, y.Rows, nameof(rows));
        Require.Distinct(y, x);
    }

    public static HostKvCache WriteKv(Tensor k, Tensor v, KvCache cache, int layer, ReadOnlySpan<int> slots)
    {
        HostKvCache host = Cache(cache, layer);
        int columns = cache.KvHeadCount * cache.HeadDimension;
        Require.Shape(k, slots.Length, columns);
        Require.Shape(v, slots.Length, columns);
        Require.Indices(slots, cache.BlockCount * cache.BlockLength, nameof(slots));
        return host;
    }

    public static HostKvCache PagedAttention(
        Tensor q, KvCache cache, int layer, ReadOnlySpan<AttentionSlice> slices, AttentionOptions options, Tensor y)
    {
        if (options.SlidingWindow < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.SlidingWindow, "SlidingWindow must be 0 or more");
        }

        if (options.SoftCap != 0)
        {
            Positive(options.SoftCap, nameof(options));
        }

        HostKvCache host = Cache(cache, layer);
        Require.Float(q);
        Heads(q, cache.HeadDimension, cache.KvHeadCount);
        Require.SameShape(y, q);
        Require.Distinct(y, q);
        for (int i = 0; i < slices.Length; i++)
        {
            AttentionSlice slice = slices[i];
            string name = $"{nameof(slices)}[{i}]";
            if (slice.FirstRow < 0 || slice.RowCount < 0 || slice.FirstPosition < 0 || (long)slice.FirstRow + slice.RowCount > q.Rows)
            {
                throw new ArgumentException($"{name} covers rows outside of q, {q}: first {slice.FirstRow}, count {slice.RowCount}", nameof(slices));
            }

            long tokens = (long)slice.FirstPosition + slice.RowCount;
            if ((long)slice.BlockTable.Length * cache.BlockLength < tokens)
            {
                throw new ArgumentException(
                    $"{name} has {slice.BlockTable.Length} blocks of {cache.BlockLength}, too few for {tokens} tokens", nameof(slices));
            }

            Require.Indices(slice.BlockTable.Span, cache.BlockCount, nameof(slices));
        }

        return host;
    }

    public static void CausalAttention(
        Tensor q, Tensor k, Tensor v, ReadOnlySpan<int> starts, int headDimension, Tensor y, Tensor logSumExp)
    {
        Require.Float(q);
        Require.Float(k);
        Require.Shape(k, q.Rows, k.Columns);
        PackedAttention(q, k, v, headDimension, y, logSumExp);
        Starts(starts, q, nameof(starts));
    }

    public static void FullAttention(
        Tensor q, Tensor k, Tensor v, ReadOnlySpan<int> queryStarts, ReadOnlySpan<int> keyStarts, int headDimension, Tensor y, Tensor logSumExp)
    {
        Require.Float(q);
        Require.Float(k);
        PackedAttention(q, k, v, headDimension, y, logSumExp);
        Starts(queryStarts, q, nameof(queryStarts));
        Starts(keyStarts, k, nameof(keyStarts));
        Require.Length(keyStarts.Length, queryStarts.Length, nameof(keyStarts));
        for (int s = 0; s + 1 < queryStarts.Length; s++)
        {
            if (queryStarts[s] < queryStarts[s + 1] && keyStarts[s] == keyStarts[s + 1])
            {
                throw new ArgumentException($"sequence {s} has queries but no keys", nameof(keyStarts));
            }
        }
    }

    private static void PackedAttention(Tensor q, Tensor k, Tensor v, int headDimension, Tensor y, Tensor logSumExp)
    {
        Require.SameShape(v, k);
        if (headDimension <= 0 || k.Columns == 0 || k.Columns % headDimension != 0)
        {
            throw new ArgumentException($"headDimension must divide the columns of k, {k}, not {headDimension}", nameof(headDimension));
        }

        Heads(q, headDimension, k.Columns / headDimension);
        Require.SameShape(y, q);
        Require.Shape(logSumExp, q.Rows, q.Columns / headDimension);
    }

    private static void Starts(ReadOnlySpan<int> starts, Tensor packed, string name)
    {
        if (starts.Length == 0 || starts[0] != 0 || starts[^1] != packed.Rows)
        {
            throw new ArgumentException($"{name} must begin with 0 and end with {packed.Rows}, the packed rows", name);
        }

        for (int i = 1; i < starts.Length; i++)
        {
            if (starts[i] < starts[i - 1])
            {
                throw new ArgumentException($"{name} must not decrease: {name}[{i}] is {starts[i]} after {starts[i - 1]}", name);
            }
        }
    }

    private static void Refuse(bool isPlaced, string name)
    {
        if (isPlaced)
        {
            throw new ArgumentException("a low-rank change was placed on another backend", name);
        }
    }

    private static HostKvCache Cache(KvCache cache, int layer)
    {
        ArgumentNullException.ThrowIfNull(cache);
        if ((uint)layer >= (uint)cache.LayerCount)
        {
            throw new ArgumentOutOfRangeException(nameof(layer), layer, $"layer must be in [0, {cache.LayerCount})");
        }

        HostKvCache host = cache as HostKvCache ?? throw new ArgumentException("cache was made by another backend", nameof(cache));
        Require.Alive(host.KeyMemory(layer), nameof(cache));
        return host;
    }

    private static void Positive(float value, string name)
    {
        if (!(value > 0) || !float.IsFinite(value))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must have a cap above 0");
        }
    }

    private static void Heads(Tensor q, int headDimension, int kvHeadCount)
    {
        int group = headDimension * kvHeadCount;
        if (group == 0 || q.Columns == 0 || q.Columns % group != 0)
        {
            throw new ArgumentException($"q must have a multiple of {group} columns ({kvHeadCount} heads of {headDimension}): it is {q}", nameof(q));
        }
    }
}
