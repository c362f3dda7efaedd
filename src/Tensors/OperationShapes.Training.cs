namespace Inference.Tensors;

/// <content>The gradients, the loss and the optimiser.</content>
internal static partial class OperationShapes
{
    public static void EmbeddingBackward(ReadOnlySpan<int> ids, Tensor dy, Tensor dtable)
    {
        Require.Float(dtable);
        Require.Shape(dy, ids.Length, dtable.Columns);
        Require.Indices(ids, dtable.Rows, nameof(ids));
    }

    public static void LinearBackwardInput(Tensor dy, Tensor w, Tensor dx)
    {
        Require.Float(dy);
        Require.Float(dx);
        Require.Columns(w, dx.Columns);
        Require.Shape(dx, dy.Rows, w.Columns);
        Require.Columns(dy, w.Rows);
        Require.Distinct(dx, dy);
    }

    public static void LinearBackwardWeight(Tensor x, Tensor dy, Tensor dw, Tensor? dbias)
    {
        Require.Float(x);
        Require.Float(dy);
        Require.Shape(dy, x.Rows, dy.Columns);
        Require.Shape(dw, dy.Columns, x.Columns);
        if (dbias is not null)
        {
            Require.Shape(dbias, 1, dy.Columns);
        }
    }

    public static void RmsNormBackward(Tensor x, Tensor weight, Tensor dy, Tensor dx, Tensor? dweight)
    {
        Require.Float(x);
        Require.Shape(weight, 1, x.Columns);
        Require.SameShape(dy, x);
        Require.SameShape(dx, x);
        if (dweight is not null)
        {
            Require.Shape(dweight, 1, x.Columns);
        }

        Require.Distinct(dx, x);
        Require.Distinct(dx, dy);
    }

    public static void LayerNormBackward(Tensor x, Tensor weight, Tensor dy, Tensor dx, Tensor dweight, Tensor dbias)
    {
        RmsNormBackward(x, weight, dy, dx, dweight);
        Require.Shape(dbias, 1, x.Columns);
    }

    public static void GeluBackward(Tensor x, Tensor dy, Tensor dx)
    {
        Elementwise(x, dy);
        Require.SameShape(dx, x);
    }

    public static void SwiGluBackward(Tensor gate, Tensor up, Tensor dy, Tensor dgate, Tensor dup)
    {
        SwiGlu(gate, up, dy);
        Require.SameShape(dgate, gate);
        Require.SameShape(dup, gate);
    }

    public static void FullAttentionBackward(
        Tensor q, Tensor k, Tensor v, Tensor y, Tensor logSumExp, Tensor dy, ReadOnlySpan<int> queryStarts, ReadOnlySpan<int> keyStarts,
        int headDimension, Tensor dq, Tensor dk, Tensor dv)
    {
        FullAttention(q, k, v, queryStarts, keyStarts, headDimension, y, logSumExp);
        AttentionGradients(q, k, v, dy, dq, dk, dv);
    }

    public static void CausalAttentionBackward(
        Tensor q, Tensor k, Tensor v, Tensor y, Tensor logSumExp, Tensor dy, ReadOnlySpan<int> starts, int headDimension,
        Tensor dq, Tensor dk, Tensor dv)
    {
        CausalAttention(q, k, v, starts, headDimension, y, logSumExp);
        AttentionGradients(q, k, v, dy, dq, dk, dv);
    }

    public static void CrossEntropy(Tensor logits, ReadOnlySpan<int> targets, ReadOnlySpan<float> weights, ReadOnlySpan<double> losses)
    {
        Require.Float(logits);
        Require.Length(losses.Length, logits.Rows, nameof(losses));
        Require.Length(targets.Length, logits.Rows, nameof(targets));
        Require.Length(weights.Length, logits.Rows, nameof(weights));
        for (int t = 0; t < targets.Length; t++)
        {
            if (weights[t] != 0 && (uint)targets[t] >= (uint)logits.Columns)
            {
                throw new ArgumentOutOfRangeException(nameof(targets), targets[t], $"targets[{t}] must be in [0, {logits.Columns})");
            }
        }
    }

    public static void AdamW(Tensor parameter, Tensor gradient, Tensor m, Tensor v, int step)
    {
        Require.Float(parameter);
        Require.SameShape(gradient, parameter);
        Require.SameShape(m, parameter);
        Require.SameShape(v, parameter);
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
    }

    private static void AttentionGradients(Tensor q, Tensor k, Tensor v, Tensor dy, Tensor dq, Tensor dk, Tensor dv)
    {
        Require.SameShape(dy, q);
        Require.SameShape(dq, q);
        Require.SameShape(dk, k);
        Require.SameShape(dv, v);
    }
}
