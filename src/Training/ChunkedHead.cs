using Inference.Models;
using Inference.Models.Lora;
using Inference.Tensors;
using Inference.Training.Data;

namespace Inference.Training;

/// <summary>
/// Last norm, output projection and cross-entropy, over the rows that have a weight, a chunk of logits at a time.
/// </summary>
internal sealed class ChunkedHead : IDisposable
{
    private readonly DecoderLayers _layers;
    private readonly ActivationPool _pool;
    private readonly Tensor _gathered, _normed, _dnormed, _dgathered, _logits;

    public ChunkedHead(IBackend backend, DecoderLayers layers, int rows, int chunkRows)
    {
        ModelConfig config = layers.Config;
        _layers = layers;
        _pool = new ActivationPool(backend, Math.Min(rows, chunkRows));
        _gathered = backend.Allocate(rows, config.HiddenSize);
        _normed = backend.Allocate(rows, config.HiddenSize);
        _dnormed = backend.Allocate(rows, config.HiddenSize);
        _dgathered = backend.Allocate(rows, config.HiddenSize);
        _logits = backend.Allocate(Math.Min(rows, chunkRows), config.VocabularySize);
    }

    /// <summary>The losses of the batch's sequences. x [T, hidden].</summary>
    public BatchScore Score(IBackend backend, PackedBatch batch, Tensor x, ulong? dropoutSeed) => Run(backend, batch, x, 0, dropoutSeed, null);

    /// <summary>The same, and dx [T, hidden] is overwritten by the gradient of scale * (sum of the weighted losses).</summary>
    public BatchScore ForwardBackward(IBackend backend, PackedBatch batch, Tensor x, float scale, ulong? dropoutSeed, Tensor dx) =>
        Run(backend, batch, x, scale, dropoutSeed, dx);

    public void Dispose()
    {
        foreach (Tensor tensor in (ReadOnlySpan<Tensor>)[_gathered, _normed, _dnormed, _dgathered, _logits])
        {
            tensor.Dispose();
        }

        _pool.Dispose();
    }

    private BatchScore Run(IBackend backend, PackedBatch batch, Tensor x, float scale, ulong? dropoutSeed, Tensor? dx)
    {
        BatchScore score = new(batch);
        int[] rows = [.. Enumerable.Range(0, x.Rows).Where(t => batch.Weights[t] != 0)];
        Tensor gathered = _gathered.Slice(0, rows.Length), normed = _normed.Slice(0, rows.Length);
        Tensor dnormed = BlockScratch.Cleared(backend, _dnormed, rows.Length), dgathered = BlockScratch.Cleared(backend, _dgathered, rows.Length);
        backend.Embedding(x, rows, gathered);
        _layers.FinalNorm.Forward(backend, gathered, normed);
        LoraActivations? saved = _pool.Adapter("head", _layers.Head);
        for (int first = 0; first < rows.Length; first += _logits.Rows)
        {
            int count = Math.Min(_logits.Rows, rows.Length - first);
            Tensor logits = _logits.Slice(0, count), chunk = normed.Slice(first, count);
            _layers.Head.Forward(backend, chunk, saved, dropoutSeed, logits);
            score.Add(backend, logits, rows.AsSpan(first, count), scale);
            if (dx is not null)
            {
                _layers.Head.Backward(backend, chunk, logits, saved, dnormed.Slice(first, count));
            }
        }

        if (dx is not null)
        {
            _layers.FinalNorm.Backward(backend, gathered, dnormed, dgathered);
            backend.Clear(dx);
            backend.EmbeddingBackward(rows, dgathered, dx);
        }

        return score;
    }
}
