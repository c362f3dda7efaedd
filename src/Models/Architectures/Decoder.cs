using Inference.Models.Layers;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>
/// A decoder-only transformer of pre-norm blocks with rotary grouped-query attention: what Llama and Qwen2 have in common.
/// Rows of a step may be of any sequences, prefill chunks and decode tokens alike.
/// </summary>
internal sealed class Decoder : ICausalModel
{
    private readonly ModelWeights _weights;
    private readonly IBackend _backend;
    private readonly DecoderScratch _scratch;
    private readonly double[] _rotaryFrequencies;
    private readonly RotaryStyle _rotaryStyle;
    private readonly Embedding _embedding;
    private readonly DecoderBlock[] _blocks;
    private readonly RmsNorm _norm;
    private readonly Projection _head;
    private RotaryEmbedding _rotary;
    private Tensor _selected;

    /// <summary>Takes the tensors it needs. It owns the weights, not the backend.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, or has another shape or an unsupported format.</exception>
    public Decoder(ModelWeights weights, IBackend backend, RotaryStyle rotaryStyle, bool queryKeyValueBias, bool outputBias)
    {
        ModelConfig config = weights.Config;
        _embedding = new Embedding(weights.Matrix(DecoderTensors.Embedding, config.VocabularySize, config.HiddenSize));
        _blocks = [.. Enumerable.Range(0, config.LayerCount).Select(i => DecoderBlock.Load(weights, backend, i, queryKeyValueBias, outputBias))];
        _norm = new RmsNorm(weights.Vector(DecoderTensors.FinalNorm, config.HiddenSize), config.RmsNormEpsilon);
        _head = new Projection(backend, new Linear(
            config.TieWordEmbeddings ? _embedding.Table : weights.Matrix(DecoderTensors.Head, config.VocabularySize, config.HiddenSize)));
        _rotaryFrequencies = RotaryFrequencies(weights);
        _rotaryStyle = rotaryStyle;
        _rotary = new RotaryEmbedding(Math.Min(256, config.ContextLength), _rotaryFrequencies, rotaryStyle);
        _weights = weights;
        _backend = backend;
        _scratch = new DecoderScratch(config);
        _selected = Tensor.Allocate(0, config.HiddenSize);
    }

    /// <inheritdoc/>
    public ModelConfig Config => _weights.Config;

    /// <inheritdoc/>
    public long WeightBytes => _weights.TakenBytes;

    /// <inheritdoc/>
    public KvCache CreateKvCache(int blockCount, int blockLength, DType type = DType.F32) =>
        new(Config.LayerCount, blockCount, blockLength, Config.KvHeadCount, Config.HeadDimension, type);

    /// <inheritdoc/>
    public void Forward(ForwardBatch batch, KvCache cache, Tensor logits)
    {
        CoverPositions(batch.Positions);
        _scratch.Resize(batch.TokenIds.Length);
        _embedding.Forward(_backend, batch.TokenIds, _scratch.Residual);
        for (int layer = 0; layer < _blocks.Length; layer++)
        {
            _blocks[layer].Forward(_backend, _rotary, batch, cache, layer, _scratch);
        }

        if (batch.LogitRows.Length > 0)
        {
            Tensor last = Select(batch.LogitRows);
            _norm.Forward(_backend, last, last);
            _head.Forward(last, logits);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.ForEach(_blocks, block => block.Dispose());
        _head.Dispose();
        _scratch.Dispose();
        _selected.Dispose();
        _rotary.Dispose();
        _weights.Dispose();
    }

    /// <summary>Copies the rows whose logits are wanted out of the residual stream.</summary>
    private Tensor Select(int[] rows)
    {
        if (rows.Length > _selected.Rows)
        {
            _selected.Dispose();
            _selected = Tensor.Allocate(rows.Length, Config.HiddenSize);
        }

        Tensor selected = _selected.Slice(0, rows.Length);
        _backend.Embedding(_scratch.Residual, rows, selected);
        return selected;
    }

    /// <summary>Grows the rotary tables, so that a long context costs nothing until it is used.</summary>
    private void CoverPositions(ReadOnlySpan<int> positions)
    {
        int needed = 0;
        foreach (int position in positions)
        {
            needed = Math.Max(needed, position + 1);
        }

        if (needed > Config.ContextLength)
        {
            throw new ArgumentException($"position {needed - 1} is beyond the context of {Config.ContextLength} tokens", nameof(positions));
        }

        if (needed > _rotary.Cos.Rows)
        {
            int rows = (int)Math.Min(Config.ContextLength, Math.Max(needed, 2L * _rotary.Cos.Rows));
            _rotary.Dispose();
            _rotary = new RotaryEmbedding(rows, _rotaryFrequencies, _rotaryStyle);
        }
    }

    /// <summary>GGUF has Llama 3's scaling as a vector of divisors, one a pair of a head.</summary>
    private static double[] RotaryFrequencies(ModelWeights weights)
    {
        ModelConfig config = weights.Config;
        double[] frequencies = RotaryEmbedding.Frequencies(config.HeadDimension, config.RopeTheta, config.RopeScaling);
        if (weights.Contains(GgufNames.RotaryFactors))
        {
            Span<float> divisors = weights.Vector(GgufNames.RotaryFactors, frequencies.Length).Span;
            for (int i = 0; i < frequencies.Length; i++)
            {
                frequencies[i] /= divisors[i];
            }
        }

        return frequencies;
    }
}
