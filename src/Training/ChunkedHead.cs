using Inference.Models;
using Inference.Models.Layers;
using Inference.Tensors;
using Inference.Training.Data;

namespace Inference.Training;

/// <summary>
/// Last norm, tied output projection and cross-entropy, over the rows that have a weight, a chunk of logits at a time.
/// </summary>
internal sealed class ChunkedHead : IDisposable
{
    private readonly RmsNorm _norm;
    private readonly Linear _projection;
    private readonly Tensor _dnormWeight, _dprojection;
    private readonly Tensor _gathered, _normed, _dnormed, _dgathered, _logits;

    public ChunkedHead(ModelConfig config, ParameterSet parameters, ParameterSet gradients, int rows, int chunkRows)
    {
        _norm = new RmsNorm(parameters[LlamaParameters.FinalNorm], config.RmsNormEpsilon);
        _projection = new Linear(parameters[LlamaParameters.Embedding]);
        _dnormWeight = gradients[LlamaParameters.FinalNorm];
        _dprojection = gradients[LlamaParameters.Embedding];
        _gathered = Tensor.Allocate(rows, config.HiddenSize);
        _normed = Tensor.Allocate(rows, config.HiddenSize);
        _dnormed = Tensor.Allocate(rows, config.HiddenSize);
        _dgathered = Tensor.Allocate(rows, config.HiddenSize);
        _logits = Tensor.Allocate(Math.Min(rows, chunkRows), config.VocabularySize);
    }

    /// <summary>x [T, hidden]; dx [T, hidden] is overwritten by the gradient of scale * loss. Returns the sum of the weighted losses.</summary>
    public double ForwardBackward(IBackend backend, PackedBatch batch, Tensor x, float scale, Tensor dx)
    {
        int[] rows = [.. Enumerable.Range(0, x.Rows).Where(t => batch.Weights[t] != 0)];
        int[] targets = Array.ConvertAll(rows, t => batch.Targets[t]);
        float[] weights = Array.ConvertAll(rows, t => batch.Weights[t]);
        for (int i = 0; i < rows.Length; i++)
        {
            x.Row(rows[i]).CopyTo(_gathered.Row(i));
        }

        Tensor gathered = _gathered.Slice(0, rows.Length), normed = _normed.Slice(0, rows.Length);
        Tensor dnormed = BlockScratch.Cleared(_dnormed, rows.Length), dgathered = BlockScratch.Cleared(_dgathered, rows.Length);
        _norm.Forward(backend, gathered, normed);
        double loss = 0;
        for (int first = 0; first < rows.Length; first += _logits.Rows)
        {
            int count = Math.Min(_logits.Rows, rows.Length - first);
            Tensor logits = _logits.Slice(0, count), chunk = normed.Slice(first, count);
            _projection.Forward(backend, chunk, logits);
            loss += backend.CrossEntropy(logits, targets.AsSpan(first, count), weights.AsSpan(first, count), scale);
            _projection.Backward(backend, chunk, logits, dnormed.Slice(first, count), _dprojection);
        }

        _norm.Backward(backend, gathered, dnormed, dgathered, _dnormWeight);
        dx.Clear();
        for (int i = 0; i < rows.Length; i++)
        {
            dgathered.Row(i).CopyTo(dx.Row(rows[i]));
        }

        return loss;
    }

    public void Dispose()
    {
        foreach (Tensor tensor in (ReadOnlySpan<Tensor>)[_gathered, _normed, _dnormed, _dgathered, _logits])
        {
            tensor.Dispose();
        }
    }
}
