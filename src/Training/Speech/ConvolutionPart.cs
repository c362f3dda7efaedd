using Inference.Models.Layers;
using Inference.Tensors;

namespace Inference.Training.Speech;

/// <summary>gelu(convolution(x)), with the activations that its backward pass needs.</summary>
internal sealed class ConvolutionPart : IDisposable
{
    private readonly Linear _kernel;
    private readonly int _stride;
    private readonly Tensor _dweight, _dbias, _columns, _raised, _dcolumns, _draised;

    /// <param name="parameters">The model's.</param>
    /// <param name="gradients">Their gradients.</param>
    /// <param name="name">Prefix of the names.</param>
    /// <param name="stride">Input rows from one output row to the next.</param>
    /// <param name="rows">Most rows of the output.</param>
    public ConvolutionPart(ParameterSet parameters, ParameterSet gradients, string name, int stride, int rows)
    {
        _kernel = new Linear(parameters[name + ".weight"], parameters[name + ".bias"]);
        (_dweight, _dbias) = (gradients[name + ".weight"], gradients[name + ".bias"]);
        _stride = stride;
        (_columns, _dcolumns) = (Tensor.Allocate(rows, _kernel.Weight.Columns), Tensor.Allocate(rows, _kernel.Weight.Columns));
        (_raised, _draised) = (Tensor.Allocate(rows, _kernel.Weight.Rows), Tensor.Allocate(rows, _kernel.Weight.Rows));
    }

    /// <summary>x [T, in] to y [T after the stride, out]; starts are those of x.</summary>
    public void Forward(IBackend backend, Tensor x, ReadOnlySpan<int> starts, Tensor y)
    {
        Tensor columns = _columns.Slice(0, y.Rows), raised = _raised.Slice(0, y.Rows);
        ConvolutionColumns.Gather(x, starts, _stride, columns);
        _kernel.Forward(backend, columns, raised);
        backend.Gelu(raised, y);
    }

    /// <summary>dx += the gradient, unless it is null.</summary>
    public void Backward(IBackend backend, ReadOnlySpan<int> starts, Tensor dy, Tensor? dx)
    {
        Tensor draised = BlockScratch.Cleared(backend, _draised, dy.Rows);
        backend.GeluBackward(_raised.Slice(0, dy.Rows), dy, draised);
        Tensor? dcolumns = dx is null ? null : BlockScratch.Cleared(backend, _dcolumns, dy.Rows);
        _kernel.Backward(backend, _columns.Slice(0, dy.Rows), draised, dcolumns, _dweight, _dbias);
        if (dcolumns is not null)
        {
            ConvolutionColumns.Scatter(dcolumns, starts, _stride, dx!);
        }
    }

    public void Dispose()
    {
        foreach (Tensor tensor in (ReadOnlySpan<Tensor>)[_columns, _raised, _dcolumns, _draised])
        {
            tensor.Dispose();
        }
    }
}
