using Inference.Tensors;

namespace Inference.Models.Layers;

/// <summary>
/// Rotary causal self-attention inside packed sequences, grouped-query, between the input and the output projections.
/// Without a rotary embedding positions do not count. Sequence s has rows [starts[s], starts[s + 1]). Inference attends through the paged cache instead (IBackend.PagedAttention).
/// </summary>
public sealed class CausalAttention(RotaryEmbedding? rotary, int headDimension)
{
    private readonly float _scale = 1 / MathF.Sqrt(headDimension);

    /// <summary>
    /// Rotates q [T, heads * d] and k [T, kvHeads * d] in place (the backward pass needs them rotated), then attends.
    /// y like q; logSumExp [T, heads] is kept for the backward pass.
    /// </summary>
    public void Forward(
        IBackend backend, Tensor q, Tensor k, Tensor v, ReadOnlySpan<int> positions, ReadOnlySpan<int> starts, Tensor y, Tensor logSumExp)
    {
        rotary?.Forward(backend, q, positions);
        rotary?.Forward(backend, k, positions);
        backend.CausalAttention(q, k, v, starts, headDimension, _scale, y, logSumExp);
    }

    /// <summary>
    /// dq, dk, dv become the gradients of the unrotated q, k and of v. q and k are rotated, as the forward pass left them.
    /// dq and dk must come cleared: they are rotated back whole.
    /// </summary>
    public void Backward(
        IBackend backend, Tensor q, Tensor k, Tensor v, Tensor y, Tensor logSumExp, Tensor dy,
        ReadOnlySpan<int> positions, ReadOnlySpan<int> starts, Tensor dq, Tensor dk, Tensor dv)
    {
        backend.CausalAttentionBackward(q, k, v, y, logSumExp, dy, starts, headDimension, _scale, dq, dk, dv);
        rotary?.Backward(backend, dq, positions);
        rotary?.Backward(backend, dk, positions);
    }
}
