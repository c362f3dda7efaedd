using Inference.Models.Layers;
using Inference.Tensors;

namespace Inference.Training.Speech;

/// <summary>x + fc2(gelu(fc1(norm(x)))), with the activations that its backward pass needs.</summary>
internal sealed class FeedForwardPart : IDisposable
{
    private readonly LayerNorm _norm;
    private readonly Linear _raise, _lower;
    private readonly Func<string, Tensor> _gradient;
    private readonly Tensor _normed, _raised, _hidden, _dnormed, _draised, _dhidden;

    /// <param name="parameters">The model's.</param>
    /// <param name="gradients">Their gradients.</param>
    /// <param name="layer">Prefix of the layer's names.</param>
    /// <param name="rows">Most rows.</param>
    public FeedForwardPart(ParameterSet parameters, ParameterSet gradients, string layer, int rows)
    {
        _gradient = part => gradients[layer + part];
        _norm = new LayerNorm(parameters[layer + "final_layer_norm.weight"], parameters[layer + "final_layer_norm.bias"]);
        _raise = new Linear(parameters[layer + "fc1.weight"], parameters[layer + "fc1.bias"]);
        _lower = new Linear(parameters[layer + "fc2.weight"], parameters[layer + "fc2.bias"]);
        (int inner, int width) = (_raise.Weight.Rows, _raise.Weight.Columns);
        (_normed, _dnormed) = (Tensor.Allocate(rows, width), Tensor.Allocate(rows, width));
        (_raised, _hidden) = (Tensor.Allocate(rows, inner), Tensor.Allocate(rows, inner));
        (_draised, _dhidden) = (Tensor.Allocate(rows, inner), Tensor.Allocate(rows, inner));
    }

    /// <summary>x, y [T, d].</summary>
    public void Forward(IBackend backend, Tensor x, Tensor y)
    {
        Tensor normed = _normed.Slice(0, x.Rows), raised = _raised.Slice(0, x.Rows), hidden = _hidden.Slice(0, x.Rows);
        _norm.Forward(backend, x, normed);
        _raise.Forward(backend, normed, raised);
        backend.Gelu(raised, hidden);
        _lower.Forward(backend, hidden, y);
        backend.Add(x, y);
    }

    /// <summary>dx, the gradient of y, becomes that of x.</summary>
    public void Backward(IBackend backend, Tensor x, Tensor dx)
    {
        Tensor dnormed = BlockScratch.Cleared(backend, _dnormed, x.Rows), draised = BlockScratch.Cleared(backend, _draised, x.Rows);
        Tensor dhidden = BlockScratch.Cleared(backend, _dhidden, x.Rows);
        _lower.Backward(backend, _hidden.Slice(0, x.Rows), dx, dhidden, _gradient("fc2.weight"), _gradient("fc2.bias"));
        backend.GeluBackward(_raised.Slice(0, x.Rows), dhidden, draised);
        _raise.Backward(backend, _normed.Slice(0, x.Rows), draised, dnormed, _gradient("fc1.weight"), _gradient("fc1.bias"));
        _norm.Backward(backend, x, dnormed, dx, _gradient("final_layer_norm.weight"), _gradient("final_layer_norm.bias"));
    }

    public void Dispose()
    {
        foreach (Tensor tensor in (ReadOnlySpan<Tensor>)[_normed, _raised, _hidden, _dnormed, _draised, _dhidden])
        {
            tensor.Dispose();
        }
    }
}
