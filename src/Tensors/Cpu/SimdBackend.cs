using Inference.Tensors.Cpu.Attention;
using Inference.Tensors.Cpu.Panels;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>The operations of one instruction set. Shapes have been checked by <see cref="CpuBackend"/>.</summary>
internal sealed class SimdBackend<S, V>(int threads, PanelFormats formats) : IBackend
    where S : struct, ISimd<V>
    where V : struct
{
    private readonly CpuContext _context = new(threads);

    public string Name => $"{S.Count} floats";

    public int HostThreads => threads;

    public DType LowRankFormat => formats.HasByteChanges ? DType.Q8_0 : DType.BF16;

    public void Dispose() => _context.Dispose();

    public void RunOnHost(int count, Action<int, int> body) => _context.Pool.For(count, body);

    public void Embedding(Tensor table, ReadOnlySpan<int> ids, Tensor y) => Embedding<S, V>.Forward(_context, table, ids.ToArray(), y);

    public void EmbeddingBackward(ReadOnlySpan<int> ids, Tensor dy, Tensor dtable) =>
        Embedding<S, V>.Backward(_context, ids.ToArray(), dy, dtable);

    public void Linear(Tensor x, Tensor w, Tensor? bias, Tensor y) => Linear<S, V>.Forward(_context, x, w, bias, y);

    public PreparedWeight Prepare(params ReadOnlySpan<Tensor> parts) => new PanelWeight(parts, formats);

    public void Linear(Tensor x, PreparedWeight w, ReadOnlySpan<Tensor?> bias, ReadOnlySpan<Tensor> y) =>
        Linear([new LinearProduct(x, w, bias.ToArray(), y.ToArray())]);

    public void Linear(ReadOnlySpan<LinearProduct> products)
    {
        foreach (LinearProduct product in products)
        {
            RefuseForeign(product.W);
        }

        PanelLinear.Run(_context, products);
        foreach (LinearProduct product in products)
        {
            for (int i = 0; i < product.Y.Length; i++)
            {
                if (((PanelWeight)product.W).Panels[i] is null)
                {
                    Linear<S, V>.Forward(_context, product.X, product.W.Parts[i], product.Bias.Length == 0 ? null : product.Bias[i], product.Y[i]);
                }
            }
        }
    }

    public void Linear(in LinearProduct product, LowRankChanges changes)
    {
        RefuseForeign(product.W);
        if (product.X.Rows > 0 && formats.LowRank.Have(changes.Type) && Array.TrueForAll(((PanelWeight)product.W).Panels, panel => panel is not null))
        {
            PanelLinear.Run(_context, [product], new LowRankJob(_context, formats.LowRank, changes, product));
            GC.KeepAlive(changes);
            return;
        }

        Linear([product]);
        AddLowRank(changes.Products(product));
    }

    public void AddLowRank(ReadOnlySpan<LowRankProduct> products)
    {
        List<LowRankProduct> others = [];
        foreach (LowRankProduct product in products)
        {
            if (formats.LowRank.Have(product.W.Type))
            {
                LowRankChanges changes = new(new LowRankChange(product.Rows, new LowRankParts(product.W)));
                new LowRankJob(_context, formats.LowRank, changes, product.X, [product.Bias], [product.Y]).Run();
                GC.KeepAlive(changes);
            }
            else
            {
                others.Add(product);
            }
        }

        if (others.Count > 0)
        {
            LowRank<S, V>.Add(_context, [.. others]);
        }
    }

    public void LinearBackwardInput(Tensor dy, Tensor w, Tensor dx) => LinearBackward<S, V>.Input(_context, dy, w, dx);

    public void LinearBackwardWeight(Tensor x, Tensor dy, Tensor dw, Tensor? dbias) =>
        LinearBackward<S, V>.Weight(_context, x, dy, dw, dbias);

    public void RmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y) => RmsNorm<S, V>.Forward(_context, x, weight, epsilon, y);

    public void RmsNormBackward(Tensor x, Tensor weight, float epsilon, Tensor dy, Tensor dx, Tensor? dweight) =>
        RmsNorm<S, V>.Backward(_context, x, weight, epsilon, dy, dx, dweight);

    public void LayerNorm(Tensor x, Tensor weight, Tensor bias, float epsilon, Tensor y) =>
        LayerNorm<S, V>.Forward(_context, x, weight, bias, epsilon, y);

    public void LayerNormBackward(Tensor x, Tensor weight, float epsilon, Tensor dy, Tensor dx, Tensor dweight, Tensor dbias) =>
        LayerNorm<S, V>.Backward(_context, x, weight, epsilon, dy, dx, dweight, dbias);

    public void Gelu(Tensor x, Tensor y) => Gelu<S, V>.Forward(_context, x, y);

    public void GeluBackward(Tensor x, Tensor dy, Tensor dx) => Gelu<S, V>.Backward(_context, x, dy, dx);

    public void Add(Tensor x, Tensor y) => Elementwise<S, V>.Add(_context, x, y);

    public void Scale(Tensor x, float factor) => Elementwise<S, V>.Scale(_context, x, factor);

    public void SoftCap(Tensor x, float cap) => Elementwise<S, V>.SoftCap(_context, x, cap);

    public void ScatterAddRows(Tensor x, ReadOnlySpan<int> rows, ReadOnlySpan<float> weights, Tensor y) =>
        Embedding<S, V>.ScatterAdd(_context, x, rows.ToArray(), weights.ToArray(), y);

    public void Rotary(Tensor x, ReadOnlySpan<int> positions, Tensor cos, Tensor sin, int headDimension, RotaryStyle style, bool inverse) =>
        Rotary<S, V>.Run(_context, x, positions.ToArray(), cos, sin, headDimension, style, inverse);

    public void SwiGlu(Tensor gate, Tensor up, Tensor y) => SwiGlu<S, V>.Forward(_context, gate, up, y);

    public void SwiGluBackward(Tensor gate, Tensor up, Tensor dy, Tensor dgate, Tensor dup) =>
        SwiGlu<S, V>.Backward(_context, gate, up, dy, dgate, dup);

    public void GeGlu(Tensor gate, Tensor up, Tensor y) => GeGlu<S, V>.Forward(_context, gate, up, y);

    public PreparedConvolution PrepareConvolution(Tensor weight, int taps) => new ConvolutionPanels<S, V>(weight, taps);

    public void Convolution(Tensor x, PreparedConvolution w, Tensor? bias, ConvolutionOptions options, Tensor y) => Convolution<S, V>.Run(
        _context, x, w as ConvolutionPanels<S, V> ?? throw new ArgumentException("w was prepared by another backend", nameof(w)), bias, options, y);

    public void LeakyRelu(Tensor x, float slope, Tensor y) => LeakyRelu<S, V>.Forward(_context, x, slope, y);

    public void GatedTanh(Tensor x, Tensor y) => GatedTanh<S, V>.Forward(_context, x, y);

    public void WriteKv(Tensor k, Tensor v, KvCache cache, int layer, ReadOnlySpan<int> slots) =>
        Cpu.Attention.WriteKv.Run(_context, k, v, (HostKvCache)cache, layer, slots.ToArray());

    public void PagedAttention(Tensor q, KvCache cache, int layer, ReadOnlySpan<AttentionSlice> slices, AttentionOptions options, Tensor y) =>
        PagedAttention<S, V>.Run(_context, q, (HostKvCache)cache, layer, slices, options, y);

    public void CausalAttention(
        Tensor q, Tensor k, Tensor v, ReadOnlySpan<int> starts, int headDimension, float scale, Tensor y, Tensor logSumExp) =>
        PackedAttention<S, V>.Forward(_context, q, k, v, Causal(starts), headDimension, scale, y, logSumExp);

    public void CausalAttentionBackward(
        Tensor q, Tensor k, Tensor v, Tensor y, Tensor logSumExp, Tensor dy, ReadOnlySpan<int> starts, int headDimension, float scale,
        Tensor dq, Tensor dk, Tensor dv) =>
        PackedAttentionBackward<S, V>.Run(_context, new(q, k, v, y, logSumExp, dy, Causal(starts), headDimension, scale, dq, dk, dv));

    public void FullAttention(
        Tensor q, Tensor k, Tensor v, ReadOnlySpan<int> queryStarts, ReadOnlySpan<int> keyStarts, int headDimension, float scale,
        Tensor y, Tensor logSumExp) =>
        PackedAttention<S, V>.Forward(
            _context, q, k, v, new(queryStarts.ToArray(), keyStarts.ToArray(), Causal: false), headDimension, scale, y, logSumExp);

    public void FullAttentionBackward(
        Tensor q, Tensor k, Tensor v, Tensor y, Tensor logSumExp, Tensor dy, ReadOnlySpan<int> queryStarts, ReadOnlySpan<int> keyStarts,
        int headDimension, float scale, Tensor dq, Tensor dk, Tensor dv) =>
        PackedAttentionBackward<S, V>.Run(
            _context,
            new(q, k, v, y, logSumExp, dy, new(queryStarts.ToArray(), keyStarts.ToArray(), Causal: false), headDimension, scale, dq, dk, dv));

    public int CrossEntropy(Tensor logits, ReadOnlySpan<int> targets, ReadOnlySpan<float> weights, float scale, Span<double> losses) =>
        CrossEntropy<S, V>.Run(_context, logits, targets.ToArray(), weights.ToArray(), scale, losses);

    public void AdamW(
        Tensor parameter, Tensor gradient, Tensor m, Tensor v, float gradientScale,
        float learningRate, float beta1, float beta2, float epsilon, float weightDecay, int step)
    {
        float correction1 = (float)(1 - Math.Pow(beta1, step)), correction2 = (float)(1 - Math.Pow(beta2, step));
        AdamWStep settings = new(gradientScale, learningRate, beta1, beta2, epsilon, weightDecay, correction1, correction2);
        AdamW<S, V>.Run(_context, parameter, gradient, m, v, settings);
    }

    public double SumOfSquares(params ReadOnlySpan<Tensor> tensors)
    {
        double sum = 0;
        foreach (Tensor x in tensors)
        {
            sum += Elementwise<S, V>.SumOfSquares(_context, x);
        }

        return sum;
    }

    private static PackedSequences Causal(ReadOnlySpan<int> starts)
    {
        int[] rows = starts.ToArray();
        return new(rows, rows, Causal: true);
    }

    private void RefuseForeign(PreparedWeight w)
    {
        if (w is not PanelWeight panels || panels.Formats != formats)
        {
            throw new ArgumentException("w was prepared by another backend", nameof(w));
        }
    }
}
