namespace Inference.Tensors.Bench;

/// <summary>The operations of a decode step on random weights, in the order of a model.</summary>
internal sealed class DecodeStep : IDisposable
{
    /// <summary>Layers that are run.</summary>
    public const int Layers = 4;

    private const int Context = 512, BlockLength = 16;

    private readonly IBackend _backend;
    private readonly DecodeShape _shape;
    private readonly List<IDisposable> _owned = [];
    private readonly PreparedWeight[] _queryKeyValue, _output, _gateUp, _down;
    private readonly PreparedWeight _head;
    private readonly Tensor _norm, _residual, _normed, _change, _query, _key, _value, _attended, _gate, _up, _logits, _cos, _sin;
    private readonly KvCache _cache;
    private readonly AttentionSlice[] _slices;

    public DecodeStep(IBackend backend, DecodeShape shape, DType type)
    {
        _backend = backend;
        _shape = shape;
        int d = shape.Hidden, q = shape.Heads * shape.HeadDimension, kv = shape.KvHeads * shape.HeadDimension;
        _queryKeyValue = Each(() => Prepare(d, type, q, kv, kv));
        _output = Each(() => Prepare(q, type, d));
        _gateUp = Each(() => Prepare(d, type, shape.Intermediate, shape.Intermediate));
        _down = Each(() => Prepare(shape.Intermediate, type, d));
        _head = Prepare(d, type, shape.Vocabulary);
        _norm = Row(d);
        _residual = Row(d);
        _normed = Row(d);
        _change = Row(d);
        _query = Row(q);
        _key = Row(kv);
        _value = Row(kv);
        _attended = Row(q);
        _gate = Row(shape.Intermediate);
        _up = Row(shape.Intermediate);
        _logits = Row(shape.Vocabulary);
        _cos = Own(Data.Uniform(Context, shape.HeadDimension / 2));
        _sin = Own(Data.Uniform(Context, shape.HeadDimension / 2));
        _cache = Own(new KvCache(Layers, Context / BlockLength, BlockLength, shape.KvHeads, shape.HeadDimension, DType.F16));
        int[] blocks = [.. Enumerable.Range(0, _cache.BlockCount).Reverse()];
        _slices = [new(0, 1, Context - 1, blocks)];
        for (int slot = 0; slot < Layers * Context; slot++)
        {
            backend.WriteKv(_key, _value, _cache, slot / Context, [slot % Context]);
        }
    }

    public void Run(OperationTimes times)
    {
        int[] position = [Context - 1];
        for (int layer = 0; layer < Layers; layer++)
        {
            int i = layer;
            times.Run("rms norm", () => _backend.RmsNorm(_residual, _norm, 1e-6f, _normed));
            times.Run("q, k, v", () => _backend.Linear(_normed, _queryKeyValue[i], [], [_query, _key, _value]));
            times.Run("rotary", () => _backend.Rotary(_query, position, _cos, _sin, _shape.HeadDimension, RotaryStyle.HalfSplit));
            times.Run("rotary", () => _backend.Rotary(_key, position, _cos, _sin, _shape.HeadDimension, RotaryStyle.HalfSplit));
            times.Run("write keys, values", () => _backend.WriteKv(_key, _value, _cache, i, position));
            times.Run("attention", () => _backend.PagedAttention(_query, _cache, i, _slices, new(0.125f), _attended));
            times.Run("attention output", () => _backend.Linear(_attended, _output[i], null, _change));
            times.Run("residual add", () => _backend.Add(_change, _residual));
            times.Run("rms norm", () => _backend.RmsNorm(_residual, _norm, 1e-6f, _normed));
            times.Run("gate, up", () => _backend.Linear(_normed, _gateUp[i], [], [_gate, _up]));
            times.Run("swiglu", () => _backend.SwiGlu(_gate, _up, _gate));
            times.Run("down", () => _backend.Linear(_gate, _down[i], null, _change));
            times.Run("residual add", () => _backend.Add(_change, _residual));
        }

        _backend.RmsNorm(_residual, _norm, 1e-6f, _residual);
        times.Run("head", () => _backend.Linear(_residual, _head, null, _logits), isLayer: false);
        times.NextStep();
    }

    public void Dispose() => _owned.ForEach(owned => owned.Dispose());

    private static PreparedWeight[] Each(Func<PreparedWeight> create) => [.. Enumerable.Range(0, Layers).Select(_ => create())];

    private PreparedWeight Prepare(int columns, DType type, params ReadOnlySpan<int> rows)
    {
        Tensor[] parts = new Tensor[rows.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = Own(ProductBench.Weight(type, rows[i], columns));
        }

        return Own(_backend.Prepare(parts));
    }

    private Tensor Row(int columns) => Own(Data.Uniform(1, columns));

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
