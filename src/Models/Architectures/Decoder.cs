using Inference.Models.Layers;
using Inference.Models.Lora;
using Inference.Models.Weights;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>
/// A decoder-only transformer with rotary grouped-query attention and gated feed-forward layers or experts: what all architectures
/// of the registry have in common. Rows of a step may be of any sequences, prefill chunks and decode tokens alike. The cache keeps
/// all tokens, those beyond a sliding window too.
/// </summary>
internal sealed class Decoder : ICausalModel
{
    private readonly ModelWeights _weights;
    private readonly IBackend _backend;
    private readonly DecoderScratch _scratch;
    private readonly DecoderPositions _positions;
    private readonly Embedding _embedding;
    private readonly float _embeddingScale;
    private readonly DecoderBlock[] _blocks;
    private readonly RmsNorm _norm;
    private readonly AdaptableLayers _adaptable;
    private readonly AdaptableProjection _head;
    private readonly bool _routes;
    private Tensor _selected;
    private object _memory = new();

    /// <summary>Takes the tensors it needs. It owns the weights, not the backend.</summary>
    /// <exception cref="ModelFormatException">A tensor is missing, or has another shape or an unsupported format.</exception>
    public Decoder(ModelWeights weights, IBackend backend, DecoderDesign design, RotaryStyle rotaryStyle)
    {
        ModelConfig config = weights.Config;
        weights.PlaceOn(backend);
        Tensor table = weights.Matrix(DecoderTensors.Embedding, config.VocabularySize, config.HiddenSize);
        _embedding = new Embedding(weights.Place(table));
        _embeddingScale = design.ScaledEmbedding ? MathF.Sqrt(config.HiddenSize) : 1;
        _adaptable = new AdaptableLayers(backend, config.HeadDimension, rotaryStyle == RotaryStyle.Interleaved);
        _blocks = [.. Enumerable.Range(0, config.LayerCount).Select(layer => new DecoderBlock(weights, backend, _adaptable, design, layer))];
        _norm = weights.Norm(DecoderTensors.FinalNorm, config.HiddenSize);
        _head = new AdaptableProjection(backend, _adaptable, (LinearModule.Head, new Linear(
            config.TieWordEmbeddings ? table : weights.Matrix(DecoderTensors.Head, config.VocabularySize, config.HiddenSize))));
        _positions = new DecoderPositions(backend, config, rotaryStyle);
        _weights = weights;
        _routes = config.Experts is not null;
        _backend = backend;
        _scratch = new DecoderScratch(backend, config);
        _selected = _backend.Allocate(0, config.HiddenSize);
    }

    /// <inheritdoc/>
    public ModelConfig Config => _weights.Config;

    /// <inheritdoc/>
    public long WeightBytes => _weights.TakenBytes;

    /// <inheritdoc/>
    public int HostThreads => _backend.HostThreads;

    /// <inheritdoc/>
    public void RunOnHost(int count, Action<int, int> body) => _backend.RunOnHost(count, body);

    /// <inheritdoc/>
    public KvCache CreateKvCache(int blockCount, int blockLength, DType type = DType.F32) =>
        _backend.CreateKvCache(Config.LayerCount, blockCount, blockLength, Config.KvHeadCount, Config.HeadDimension, type);

    /// <inheritdoc/>
    public Readback CreateLogits(int rows) => _backend.CreateReadback(rows, Config.VocabularySize);

    /// <inheritdoc/>
    public AdapterWeights Bind(LoraAdapter adapter, DType? format = null) => _adaptable.Bind(adapter, Config, format);

    /// <inheritdoc/>
    public void Forward(ForwardBatch batch, KvCache cache, Tensor logits)
    {
        // All of it before the step: what a step allocates would be elsewhere when it is repeated.
        bool moved = _positions.Cover(batch.Positions) | _scratch.Resize(batch.TokenIds.Length) | Cover(batch.LogitRows.Length);
        _memory = moved ? new object() : _memory;

        // Which experts run is found on the host, and adapters have rows of their own: such steps are not alike.
        object? key = _routes || batch.Adapters.Count > 0 ? null : (_memory, cache, logits.Data, logits.Rows);
        _backend.Step(key, batch.Inputs, () => Run(batch, cache, logits));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.ForEach(_blocks, block => block.Dispose());
        _head.Dispose();
        _scratch.Dispose();
        _selected.Dispose();
        _positions.Dispose();
        _weights.Dispose();
    }

    private void Run(ForwardBatch batch, KvCache cache, Tensor logits)
    {
        _embedding.Forward(_backend, batch.TokenIds, _scratch.Residual);
        if (_embeddingScale != 1)
        {
            _backend.Scale(_scratch.Residual, _embeddingScale);
        }

        foreach (DecoderBlock block in _blocks)
        {
            block.Forward(_backend, _positions, batch, cache, _scratch);
        }

        if (batch.LogitRows.Length > 0)
        {
            Tensor last = Select(batch.LogitRows);
            _norm.Forward(_backend, last, last);
            _head.Forward(LogitAdapters(batch), last, logits);
            if (Config.LogitSoftCap is float cap)
            {
                _backend.SoftCap(logits, cap);
            }
        }
    }

    /// <summary>The adapters' rows among those whose logits are wanted.</summary>
    private List<AdapterRows> LogitAdapters(ForwardBatch batch)
    {
        List<AdapterRows> adapters = [];
        foreach (AdapterRows adapter in batch.Adapters.Where(_head.IsChangedBy))
        {
            HashSet<int> rows = [.. adapter.Rows];
            int[] wanted = [.. Enumerable.Range(0, batch.LogitRows.Length).Where(i => rows.Contains(batch.LogitRows[i]))];
            if (wanted.Length > 0)
            {
                adapters.Add(adapter with { Rows = wanted });
            }
        }

        return adapters;
    }

    /// <summary>Room for the rows whose logits are wanted; true where that is other memory.</summary>
    private bool Cover(int rows)
    {
        bool grows = rows > _selected.Rows;
        if (grows)
        {
            _selected.Dispose();
            _selected = _backend.Allocate(rows, Config.HiddenSize);
        }

        return grows;
    }

    /// <summary>Copies the rows whose logits are wanted out of the residual stream.</summary>
    private Tensor Select(int[] rows)
    {
        Tensor selected = _selected.Slice(0, rows.Length);
        _backend.Embedding(_scratch.Residual, rows, selected);
        return selected;
    }
}
