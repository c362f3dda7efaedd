using Inference.Models;
using Inference.Models.Layers;
using Inference.Models.Rotary;
using Inference.Tensors;
using Inference.Training.Data;

namespace Inference.Training;

/// <summary>
/// Forward and backward passes of a decoder over packed batches. Activations of all layers are kept, or with gradient checkpointing
/// only each block's input; the logits are never larger than <c>headChunkRows</c> rows, and rows of weight 0 skip the head.
/// </summary>
internal sealed class TrainingPass : IDisposable
{
    private readonly IBackend _backend;
    private readonly DecoderLayers _layers;
    private readonly ActivationPool[] _pools;
    private readonly TrainingBlock[] _blocks;
    private readonly RotaryEmbedding _rotary;
    private readonly ChunkedHead _head;
    private readonly Tensor[] _inputs;
    private readonly BlockScratch _scratch;
    private readonly bool _checkpointing;

    /// <param name="layers">The layers; the caller owns their tensors.</param>
    /// <param name="backend">A backend that nothing else uses meanwhile.</param>
    /// <param name="rows">Most rows of a batch.</param>
    /// <param name="headChunkRows">Most rows of logits at a time.</param>
    /// <param name="checkpointing">Blocks run again in the backward pass, rather than keeping their activations.</param>
    public TrainingPass(DecoderLayers layers, IBackend backend, int rows, int headChunkRows, bool checkpointing)
    {
        ModelConfig config = layers.Config;
        (_backend, _layers, _checkpointing) = (backend, layers, checkpointing);
        _rotary = new RotaryEmbedding(backend, Math.Min(rows, config.ContextLength), config.HeadDimension, RotaryAngles.Of(config), layers.RotaryStyle);
        _pools = [.. Enumerable.Range(0, checkpointing ? 1 : layers.Blocks.Count).Select(_ => new ActivationPool(backend, rows))];
        _blocks = [.. layers.Blocks.Select((block, i) => new TrainingBlock(config, block, _rotary, _pools[checkpointing ? 0 : i]))];
        _inputs = [.. Enumerable.Range(0, layers.Blocks.Count + 1).Select(_ => backend.Allocate(rows, config.HiddenSize))];
        _scratch = new BlockScratch(backend, config, layers.Blocks.Any(b => b.QueryNorm is not null), rows);
        _head = new ChunkedHead(backend, layers, rows, headChunkRows);
    }

    /// <summary>Runs the blocks. Without <paramref name="dropoutSeed"/> nothing is dropped.</summary>
    public void Forward(PackedBatch batch, ulong? dropoutSeed = null)
    {
        int rows = batch.Tokens.Length;
        _layers.Embedding.Forward(_backend, batch.Tokens, _inputs[0].Slice(0, rows));
        for (int i = 0; i < _blocks.Length; i++)
        {
            _blocks[i].Forward(_backend, batch, _inputs[i].Slice(0, rows), dropoutSeed, _inputs[i + 1].Slice(0, rows));
        }
    }

    /// <summary>The losses of the batch that was last run forward, with the same seed.</summary>
    public BatchScore Score(PackedBatch batch, ulong? dropoutSeed = null) =>
        _head.Score(_backend, batch, _inputs[^1].Slice(0, batch.Tokens.Length), dropoutSeed);

    /// <summary>
    /// Adds the gradients of scale * (sum of the weighted losses) of the batch that was last run forward, whose weights may be other ones
    /// now. The seed must be that of the forward pass.
    /// </summary>
    public BatchScore Backward(PackedBatch batch, float scale, ulong? dropoutSeed = null)
    {
        int rows = batch.Tokens.Length;
        Tensor dx = _scratch.Dx.Slice(0, rows);
        BatchScore score = _head.ForwardBackward(_backend, batch, _inputs[^1].Slice(0, rows), scale, dropoutSeed, dx);
        for (int i = _blocks.Length - 1; i >= 0; i--)
        {
            Tensor input = _inputs[i].Slice(0, rows);
            if (_checkpointing)
            {
                _blocks[i].Forward(_backend, batch, input, dropoutSeed, _inputs[i + 1].Slice(0, rows));
            }

            _blocks[i].Backward(_backend, batch, input, dx, _scratch);
        }

        if (_layers.EmbeddingGradient is not null)
        {
            Embedding.Backward(_backend, batch.Tokens, dx, _layers.EmbeddingGradient);
        }

        return score;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable part in (IEnumerable<IDisposable>)[.. _inputs, .. _pools, _head, _scratch, _rotary])
        {
            part.Dispose();
        }
    }
}
