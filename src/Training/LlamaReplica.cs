using Inference.Models;
using Inference.Models.Layers;
using Inference.Tensors;
using Inference.Training.Data;

namespace Inference.Training;

/// <summary>
/// One worker's forward and backward pass of the Llama architecture: shared parameters, its own activations and gradients.
/// Activations of all layers are kept; the logits are never larger than <c>headChunkRows</c> rows, and rows of weight 0 skip the head.
/// </summary>
public sealed class LlamaReplica : IDisposable
{
    private readonly IBackend _backend;
    private readonly LlamaTrainingBlock[] _blocks;
    private readonly RotaryEmbedding _rotary;
    private readonly Embedding _embedding;
    private readonly ChunkedHead _head;
    private readonly Tensor[] _inputs;
    private readonly BlockScratch _scratch;

    /// <param name="config">Shape of the model.</param>
    /// <param name="parameters">The parameters, as <see cref="LlamaParameters.Create"/> names them; read only.</param>
    /// <param name="backend">A backend of this replica's own.</param>
    /// <param name="rows">Most rows of a batch.</param>
    /// <param name="headChunkRows">Most rows of logits at a time.</param>
    public LlamaReplica(ModelConfig config, ParameterSet parameters, IBackend backend, int rows, int headChunkRows)
    {
        _backend = backend;
        Gradients = parameters.ZerosLike();
        _rotary = RotaryEmbedding.For(config);
        _embedding = new Embedding(parameters[LlamaParameters.Embedding]);
        _blocks = [.. Enumerable.Range(0, config.LayerCount).Select(i => new LlamaTrainingBlock(config, i, parameters, Gradients, _rotary, rows))];
        _inputs = [.. Enumerable.Range(0, config.LayerCount + 1).Select(_ => Tensor.Allocate(rows, config.HiddenSize))];
        _scratch = new BlockScratch(config, rows);
        _head = new ChunkedHead(config, parameters, Gradients, rows, headChunkRows);
    }

    /// <summary>Sums of the gradients since they were last cleared.</summary>
    public ParameterSet Gradients { get; }

    /// <summary>
    /// Adds the gradients of scale * (sum of the weighted losses) and returns the unscaled sum.
    /// <paramref name="scale"/> is 1 / (sum of the weights in the entire step).
    /// </summary>
    public double ForwardBackward(PackedBatch batch, float scale)
    {
        int rows = batch.Tokens.Length;
        _embedding.Forward(_backend, batch.Tokens, _inputs[0].Slice(0, rows));
        for (int i = 0; i < _blocks.Length; i++)
        {
            _blocks[i].Forward(_backend, batch, _inputs[i].Slice(0, rows), _inputs[i + 1].Slice(0, rows));
        }

        Tensor dx = _scratch.Dx.Slice(0, rows);
        double loss = _head.ForwardBackward(_backend, batch, _inputs[^1].Slice(0, rows), scale, dx);
        for (int i = _blocks.Length - 1; i >= 0; i--)
        {
            _blocks[i].Backward(_backend, batch, _inputs[i].Slice(0, rows), dx, _scratch);
        }

        Embedding.Backward(_backend, batch.Tokens, dx, Gradients[LlamaParameters.Embedding]);
        return loss;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor input in _inputs)
        {
            input.Dispose();
        }

        foreach (LlamaTrainingBlock block in _blocks)
        {
            block.Dispose();
        }

        _head.Dispose();
        _scratch.Dispose();
        _rotary.Dispose();
        Gradients.Dispose();
    }
}
