using Inference.Tensors;

namespace Inference.TestSupport;

/// <content>The operations: each asks the inner backend, with its own view of the tensors.</content>
public sealed partial class IsolatedBackend
{
    /// <inheritdoc/>
    public void Embedding(Tensor table, ReadOnlySpan<int> ids, Tensor y) => inner.Embedding(Own(table), Known(ids), Own(y));

    /// <inheritdoc/>
    public void Linear(Tensor x, Tensor w, Tensor? bias, Tensor y) => inner.Linear(Own(x), Own(w), OwnOrNull(bias), Own(y));

    /// <inheritdoc/>
    public void Linear(Tensor x, PreparedWeight w, ReadOnlySpan<Tensor?> bias, ReadOnlySpan<Tensor> y) => Linear([new LinearProduct(x, w, bias.ToArray(), y.ToArray())]);

    /// <inheritdoc/>
    public void Linear(ReadOnlySpan<LinearProduct> products) => inner.Linear(Array.ConvertAll(products.ToArray(), Own));

    /// <inheritdoc/>
    public DType LowRankFormat => inner.LowRankFormat;

    /// <inheritdoc/>
    public void Linear(in LinearProduct product, LowRankChanges changes) => inner.Linear(Own(product), Own(changes));

    /// <inheritdoc/>
    public void AddLowRank(ReadOnlySpan<LowRankProduct> products) => inner.AddLowRank(Own(products));

    /// <inheritdoc/>
    public void RmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y) => inner.RmsNorm(Own(x), Own(weight), epsilon, Own(y));

    /// <inheritdoc/>
    public void LayerNorm(Tensor x, Tensor weight, Tensor bias, float epsilon, Tensor y) => inner.LayerNorm(Own(x), Own(weight), Own(bias), epsilon, Own(y));

    /// <inheritdoc/>
    public void Gelu(Tensor x, Tensor y) => inner.Gelu(Own(x), Own(y));

    /// <inheritdoc/>
    public void Add(Tensor x, Tensor y) => inner.Add(Own(x), Own(y));

    /// <inheritdoc/>
    public void Scale(Tensor x, float factor) => inner.Scale(Own(x), factor);

    /// <inheritdoc/>
    public void SoftCap(Tensor x, float cap) => inner.SoftCap(Own(x), cap);

    /// <inheritdoc/>
    public void ScatterAddRows(Tensor x, ReadOnlySpan<int> rows, ReadOnlySpan<float> weights, Tensor y) => inner.ScatterAddRows(Own(x), Known(rows), weights, Own(y));

    /// <inheritdoc/>
    public void Rotary(Tensor x, ReadOnlySpan<int> positions, Tensor cos, Tensor sin, int headDimension, RotaryStyle style, bool inverse = false) =>
        inner.Rotary(Own(x), Known(positions), Own(cos), Own(sin), headDimension, style, inverse);

    /// <inheritdoc/>
    public void SwiGlu(Tensor gate, Tensor up, Tensor y) => inner.SwiGlu(Own(gate), Own(up), Own(y));

    /// <inheritdoc/>
    public void GeGlu(Tensor gate, Tensor up, Tensor y) => inner.GeGlu(Own(gate), Own(up), Own(y));

    /// <inheritdoc/>
    public void Convolution(Tensor x, PreparedConvolution w, Tensor? bias, ConvolutionOptions options, Tensor y) =>
        inner.Convolution(Own(x), Own(w), OwnOrNull(bias), options, Own(y));

    /// <inheritdoc/>
    public void LeakyRelu(Tensor x, float slope, Tensor y) => inner.LeakyRelu(Own(x), slope, Own(y));

    /// <inheritdoc/>
    public void GatedTanh(Tensor x, Tensor y) => inner.GatedTanh(Own(x), Own(y));

    /// <inheritdoc/>
    public void WriteKv(Tensor k, Tensor v, KvCache cache, int layer, ReadOnlySpan<int> slots) => inner.WriteKv(Own(k), Own(v), Own(cache), layer, Known(slots));

    /// <inheritdoc/>
    public void PagedAttention(Tensor q, KvCache cache, int layer, ReadOnlySpan<AttentionSlice> slices, AttentionOptions options, Tensor y) =>
        inner.PagedAttention(Own(q), Own(cache), layer, Known(slices), options, Own(y));

    /// <inheritdoc/>
    public void CausalAttention(Tensor q, Tensor k, Tensor v, ReadOnlySpan<int> starts, int headDimension, float scale, Tensor y, Tensor logSumExp) =>
        inner.CausalAttention(Own(q), Own(k), Own(v), starts, headDimension, scale, Own(y), Own(logSumExp));

    /// <inheritdoc/>
    public void CausalAttentionBackward(
        Tensor q, Tensor k, Tensor v, Tensor y, Tensor logSumExp, Tensor dy, ReadOnlySpan<int> starts, int headDimension, float scale,
        Tensor dq, Tensor dk, Tensor dv) =>
        inner.CausalAttentionBackward(
            Own(q), Own(k), Own(v), Own(y), Own(logSumExp), Own(dy), starts, headDimension, scale, Own(dq), Own(dk), Own(dv));

    /// <inheritdoc/>
    public void FullAttention(
        Tensor q, Tensor k, Tensor v, ReadOnlySpan<int> queryStarts, ReadOnlySpan<int> keyStarts, int headDimension, float scale,
        Tensor y, Tensor logSumExp) =>
        inner.FullAttention(Own(q), Own(k), Own(v), queryStarts, keyStarts, headDimension, scale, Own(y), Own(logSumExp));

    /// <inheritdoc/>
    public void FullAttentionBackward(
        Tensor q, Tensor k, Tensor v, Tensor y, Tensor logSumExp, Tensor dy, ReadOnlySpan<int> queryStarts, ReadOnlySpan<int> keyStarts,
        int headDimension, float scale, Tensor dq, Tensor dk, Tensor dv) =>
        inner.FullAttentionBackward(
            Own(q), Own(k), Own(v), Own(y), Own(logSumExp), Own(dy), queryStarts, keyStarts, headDimension, scale, Own(dq), Own(dk), Own(dv));

    /// <inheritdoc/>
    public void LinearBackwardInput(Tensor dy, Tensor w, Tensor dx) => inner.LinearBackwardInput(Own(dy), Own(w), Own(dx));

    /// <inheritdoc/>
    public void LinearBackwardWeight(Tensor x, Tensor dy, Tensor dw, Tensor? dbias) => inner.LinearBackwardWeight(Own(x), Own(dy), Own(dw), OwnOrNull(dbias));

    /// <inheritdoc/>
    public void EmbeddingBackward(ReadOnlySpan<int> ids, Tensor dy, Tensor dtable) => inner.EmbeddingBackward(ids, Own(dy), Own(dtable));

    /// <inheritdoc/>
    public void RmsNormBackward(Tensor x, Tensor weight, float epsilon, Tensor dy, Tensor dx, Tensor? dweight) =>
        inner.RmsNormBackward(Own(x), Own(weight), epsilon, Own(dy), Own(dx), OwnOrNull(dweight));

    /// <inheritdoc/>
    public void LayerNormBackward(Tensor x, Tensor weight, float epsilon, Tensor dy, Tensor dx, Tensor dweight, Tensor dbias) =>
        inner.LayerNormBackward(Own(x), Own(weight), epsilon, Own(dy), Own(dx), Own(dweight), Own(dbias));

    /// <inheritdoc/>
    public void GeluBackward(Tensor x, Tensor dy, Tensor dx) => inner.GeluBackward(Own(x), Own(dy), Own(dx));

    /// <inheritdoc/>
    public void SwiGluBackward(Tensor gate, Tensor up, Tensor dy, Tensor dgate, Tensor dup) =>
        inner.SwiGluBackward(Own(gate), Own(up), Own(dy), Own(dgate), Own(dup));

    /// <inheritdoc/>
    public int CrossEntropy(Tensor logits, ReadOnlySpan<int> targets, ReadOnlySpan<float> weights, float scale, Span<double> losses)
    {
        RefuseInStep("waits for a number");
        Downloads++;
        return inner.CrossEntropy(Own(logits), targets, weights, scale, losses);
    }

    /// <inheritdoc/>
    public void AdamW(
        Tensor parameter, Tensor gradient, Tensor m, Tensor v, float gradientScale,
        float learningRate, float beta1, float beta2, float epsilon, float weightDecay, int step) =>
        inner.AdamW(Own(parameter), Own(gradient), Own(m), Own(v), gradientScale, learningRate, beta1, beta2, epsilon, weightDecay, step);

    /// <inheritdoc/>
    public double SumOfSquares(params ReadOnlySpan<Tensor> tensors)
    {
        RefuseInStep("waits for a number");
        Downloads++;
        return inner.SumOfSquares(Array.ConvertAll(tensors.ToArray(), tensor => Own(tensor)));
    }
}
