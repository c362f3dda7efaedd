namespace Inference.Tensors.Bench;

/// <summary>The operations of a step on random weights, in the order of a model: of a token after others, or of a prompt.</summary>
internal sealed class ModelStep : IDisposable
{
    /// <summary>Layers that are run.</summary>
    public const int Layers = 4;

    private const int Context = 512, BlockLength = 16;

    private readonly IBackend _backend;
    private readonly ModelShape _shape;
    private readonly int _rows;
    private readonly List<IDisposable> _owned = [];
    private readonly PreparedWeight[] _queryKeyValue, _output, _gateUp, _down;
    private readonly PreparedWeight _head;
    private readonly Tensor _norm, _residual, _normed, _last, _change, _query, _key, _value, _attended, _gate, _up, _logits, _cos, _sin;
    private readonly HostKvCache _cache;
    private readonly AttentionSlice[] _slices;

    public ModelStep(IBackend backend, ModelShape shape, DType type, int rows)
    {
        _backend = backend;
        _shape = shape;
        _rows = rows;
        int d = shape.Hidden, q = shape.Heads * shape.HeadDimension, kv = shape.KvHeads * shape.HeadDimension;
        _queryKeyValue = Each(() => Prepare(d, type, q, kv, kv));
        _output = Each(() => Prepare(q, type, d));
        _gateUp = Each(() => Prepare(d, type, shape.Intermediate, shape.Intermediate));
        _down = Each(() => Prepare(shape.Intermediate, type, d));
        _head = Prepare(d, type, shape.Vocabulary);
        _norm = Own(Data.Uniform(1, d));
        _residual = X(d);
        _normed = X(d);
        _last = Own(Data.Uniform(1, d));
        _change = X(d);
        _query = X(q);
        _key = X(kv);
        _value = X(kv);
        _attended = X(q);
        _gate = X(shape.Intermediate);
        _up = X(shape.Intermediate);
        _logits = Own(Data.Uniform(1, shape.Vocabulary));
        _cos = Own(Data.Uniform(Context, shape.HeadDimension / 2));
        _sin = Own(Data.Uniform(Context, shape.HeadDimension / 2));
        _cache = Own(new HostKvCache(Layers, Context / BlockLength, BlockLength, shape.KvHeads, shape.HeadDimension, DType.F16));
        int[] blocks = [.. Enumerable.Range(0, _cache.BlockCount).Reverse()];
        _slices = [new(0, rows, Context - rows, blocks)];
        using Tensor keys = Data.Uniform(Context, kv);
        for (int layer = 0; layer < Layers; layer++)
        {
            backend.WriteKv(keys, keys, _cache, layer, Enumerable.Range(0, Context).ToArray());
        }
    }

    public void Run(OperationTimes times)
    {
        int[] position = [.. Enumerable.Range(Context - _rows, _rows)];
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

        _backend.RmsNorm(_last, _norm, 1e-6f, _last);
        times.Run("head", () => _backend.Linear(_last, _head, null, _logits), isLayer: false);
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

    private Tensor X(int columns) => Own(Data.Uniform(_rows, columns));

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
