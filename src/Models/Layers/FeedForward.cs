using Inference.Tensors;

namespace Inference.Models.Layers;

/// <summary>The gated feed-forward layer: down(silu(gate(x)) * up(x)) (Shazeer, GLU Variants, 2020).</summary>
public sealed class FeedForward(Linear gate, Linear up, Linear down)
{
    /// <summary>
    /// x [T, d] to y [T, d]. gated, raised, hidden [T, intermediate] get gate(x), up(x) and their product, for the
    /// backward pass. Inference multiplies with prepared weights instead (<see cref="Projection"/>).
    /// </summary>
    public void Forward(IBackend backend, Tensor x, Tensor gated, Tensor raised, Tensor hidden, Tensor y)
    {
        gate.Forward(backend, x, gated);
        up.Forward(backend, x, raised);
        backend.SwiGlu(gated, raised, hidden);
        down.Forward(backend, hidden, y);
    }

    /// <summary>
    /// dx and the weights' gradients += the gradients. dhidden, dgated, draised [T, intermediate] are scratch that comes cleared.
    /// </summary>
    public void Backward(
        IBackend backend, Tensor x, Tensor gated, Tensor raised, Tensor hidden, Tensor dy,
        Tensor dhidden, Tensor dgated, Tensor draised, Tensor dx, Tensor dgate, Tensor dup, Tensor ddown)
    {
        down.Backward(backend, hidden, dy, dhidden, ddown);
        backend.SwiGluBackward(gated, raised, dhidden, dgated, draised);
        gate.Backward(backend, x, dgated, dx, dgate);
        up.Backward(backend, x, draised, dx, dup);
    }
}
