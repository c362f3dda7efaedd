using System.Runtime.CompilerServices;
using Inference.Tensors;

namespace Inference.TestSupport;

/// <summary>
/// A backend whose memory the host does not reach, as that of a GPU: the operations are another backend's, so the bits are too, but tensors have
/// addresses that no processor has (a read through one faults), and operations refuse tensors of the host. It counts what a device would wait for.
/// </summary>
/// <param name="inner">Does the work, in the host's memory; disposed of with this.</param>
public sealed partial class IsolatedBackend(IBackend inner) : IBackend
{
    /// <summary>No address of x86-64 or ARM64 has this bit.</summary>
    private static readonly nint Nowhere = (nint)1 << 62;

    private readonly Dictionary<(object Key, int Rows, int Slices, int Results), string[]> _steps = [];
    private List<string>? _asked;
    private StepInputs _inputs;

    /// <inheritdoc/>
    public string Name => $"isolated {inner.Name}";

    /// <inheritdoc/>
    public int HostThreads => inner.HostThreads;

    /// <summary>Tensors allocated.</summary>
    public int Allocations { get; private set; }

    /// <summary>Copies from the host.</summary>
    public int Uploads { get; private set; }

    /// <summary>Copies to the host that wait for all that was asked before.</summary>
    public int Downloads { get; private set; }

    /// <summary>Results that the host waited for: <see cref="Readback.End"/>.</summary>
    public int Readbacks { get; private set; }

    /// <summary>Steps that asked for the very operations of one before (<see cref="Step"/>): a GPU would have repeated them without being asked.</summary>
    public int Repetitions { get; private set; }

    /// <summary>Bytes allocated and not yet freed.</summary>
    public long Bytes { get; private set; }

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();

    /// <inheritdoc/>
    public void RunOnHost(int count, Action<int, int> body) => inner.RunOnHost(count, body);

    /// <inheritdoc/>
    public Tensor Allocate(int rows, int columns, DType type = DType.F32)
    {
        Allocations++;
        RefuseInStep("allocates");
        Memory memory = new(this, rows, columns, type);
        return Tensor.OnDevice("isolated", type, rows, columns, memory.Tensor.Data + Nowhere, memory);
    }

    /// <inheritdoc/>
    public Tensor Place(Tensor stored)
    {
        Tensor placed = Allocate(stored.Rows, stored.Columns, stored.Type);
        Copy(stored, placed);
        stored.Dispose();
        return placed;
    }

    /// <inheritdoc/>
    public LowRankWeight Place(LowRankWeight packed) => new IsolatedChange(packed);

    /// <inheritdoc/>
    public void Copy(Tensor x, Tensor y)
    {
        RefuseInStep("copies");
        Uploads += x.Device is null ? 1 : 0;
        Downloads += y.Device is null ? 1 : 0;
        if (x.Device is null && y.Device is null)
        {
            throw new InvalidOperationException($"{x} and {y} are both in the host's memory: their copy is no work of a backend");
        }

        inner.Copy(x.Device is null ? x : Own(x), y.Device is null ? y : Own(y));
    }

    /// <inheritdoc/>
    public void Clear(Tensor x) => inner.Clear(Own(x));

    /// <inheritdoc/>
    public Readback CreateReadback(int rows, int columns) => new IsolatedReadback(this, Allocate(rows, columns));

    /// <summary>Runs the step, and checks that it asks for what the last one of its key and lengths asked for.</summary>
    public void Step(object? key, in StepInputs inputs, Action body)
    {
        if (key is null)
        {
            body();
            return;
        }

        (_inputs, List<string> asked) = (inputs, _asked = []);
        try
        {
            body();
        }
        finally
        {
            _asked = null;
        }

        (object, int, int, int) shape = (key, inputs.TokenIds.Length, inputs.Slices.Length, inputs.ResultRows.Length);
        if (!_steps.TryGetValue(shape, out string[]? before))
        {
            _steps.Add(shape, [.. asked]);
            return;
        }

        string? other = asked.Zip(before).Where(p => p.First != p.Second).Select(p => $"{p.First}, before {p.Second}").FirstOrDefault();
        if (other is not null || asked.Count != before.Length)
        {
            throw new InvalidOperationException($"a step is not like the one before of its key: {other ?? $"{asked.Count} and {before.Length} tensors"}");
        }

        Repetitions++;
    }

    /// <inheritdoc/>
    public KvCache CreateKvCache(int layerCount, int blockCount, int blockLength, int kvHeadCount, int headDimension, DType type) =>
        new IsolatedKvCache(this, inner.CreateKvCache(layerCount, blockCount, blockLength, kvHeadCount, headDimension, type));

    /// <inheritdoc/>
    public PreparedWeight Prepare(params ReadOnlySpan<Tensor> parts)
    {
        Tensor[] copies = Array.ConvertAll(parts.ToArray(), part =>
        {
            Tensor copy = Allocate(part.Rows, part.Columns, part.Type);
            Copy(part, copy);
            return copy;
        });
        return new IsolatedWeight(parts, inner.Prepare(Array.ConvertAll(copies, copy => Own(copy))), copies);
    }

    /// <inheritdoc/>
    public PreparedConvolution PrepareConvolution(Tensor weight, int taps) => weight.Device is null
        ? new IsolatedConvolution(weight, taps, inner.PrepareConvolution(weight, taps))
        : throw new InvalidOperationException($"{weight} is on the device: weights are prepared as they are stored");

    /// <summary>The tensor as the inner backend reaches it.</summary>
    private Tensor Own(Tensor tensor, [CallerArgumentExpression(nameof(tensor))] string name = "")
    {
        if (tensor.Device is null)
        {
            throw new InvalidOperationException($"{name} ({tensor}) is in the host's memory: operations take what the backend allocated or placed");
        }

        _asked?.Add($"{name}: {tensor} at {tensor.Data:x}");
        return Tensor.Borrow(tensor.Type, tensor.Rows, tensor.Columns, tensor.Data == 0 ? 0 : tensor.Data - Nowhere, tensor);
    }

    private Tensor? OwnOrNull(Tensor? tensor, [CallerArgumentExpression(nameof(tensor))] string name = "") => tensor is null ? null : Own(tensor, name);

    private static PreparedWeight Own(PreparedWeight weight) => ((IsolatedWeight)weight).Inner;

    private static PreparedConvolution Own(PreparedConvolution weight) => ((IsolatedConvolution)weight).Inner;

    private KvCache Own(KvCache cache)
    {
        _asked?.Add($"cache {RuntimeHelpers.GetHashCode(cache)}");
        return ((IsolatedKvCache)cache).Inner;
    }

    private LinearProduct Own(LinearProduct product) =>
        new(Own(product.X), Own(product.W), Array.ConvertAll(product.Bias, bias => OwnOrNull(bias)), Array.ConvertAll(product.Y, y => Own(y)));

    private static LowRankWeight Own(LowRankWeight weight) => weight is IsolatedChange
        ? weight.Packed : throw new InvalidOperationException("a low-rank change is in the host's memory: operations take what the backend placed");

    private static LowRankChanges Own(LowRankChanges changes) => new(Array.ConvertAll(
        changes.All.ToArray(), change => change with { Parts = new LowRankParts(Array.ConvertAll(change.Parts.Weights.ToArray(), part => part is null ? null : Own(part))) }));

    private LowRankProduct[] Own(ReadOnlySpan<LowRankProduct> products) =>
        Array.ConvertAll(products.ToArray(), product => product with { X = Own(product.X), W = Own(product.W), Bias = OwnOrNull(product.Bias), Y = Own(product.Y) });

    private void RefuseInStep(string what)
    {
        if (_asked is not null)
        {
            throw new InvalidOperationException($"a step that is to be repeated {what}");
        }
    }

    /// <summary>The indices of a step that is to be repeated are those that it was begun with: of others the device would have old copies.</summary>
    private ReadOnlySpan<T> Known<T>(ReadOnlySpan<T> indices)
    {
        if (_asked is not null && !indices.IsEmpty && !(IsOf(_inputs.TokenIds, indices) || IsOf(_inputs.Positions, indices) || IsOf(_inputs.Slots, indices)
            || IsOf(_inputs.Slices, indices) || IsOf(_inputs.ResultRows, indices)))
        {
            throw new InvalidOperationException("indices are not those of the step's inputs");
        }

        return indices;
    }

    private static bool IsOf<T>(Array array, ReadOnlySpan<T> indices) => array is T[] values && values.AsSpan() == indices;

    private sealed class Memory : IDisposable
    {
        private readonly IsolatedBackend _backend;
        private bool _isFreed;

        public Memory(IsolatedBackend backend, int rows, int columns, DType type)
        {
            (_backend, Tensor) = (backend, Tensor.Allocate(rows, columns, type));
            _backend.Bytes += Tensor.ByteLength;
        }

        public Tensor Tensor { get; }

        public void Dispose()
        {
            if (!_isFreed)
            {
                _isFreed = true;
                _backend.Bytes -= Tensor.ByteLength;
                Tensor.Dispose();
            }
        }
    }

    private sealed class IsolatedReadback(IsolatedBackend backend, Tensor memory) : Readback(memory)
    {
        private readonly Tensor _host = Tensor.Allocate(memory.Rows, memory.Columns);
        private Tensor? _result;

        public override void Begin()
        {
            _result = _host.Slice(0, Current.Rows);
            _result.CopyFrom(backend.Own(Current));
        }

        public override Tensor End()
        {
            backend.Readbacks++;
            return _result ?? throw new InvalidOperationException("no copy was begun");
        }

        public override void Dispose()
        {
            _host.Dispose();
            base.Dispose();
        }
    }

    private sealed class IsolatedKvCache(IsolatedBackend backend, KvCache inner)
        : KvCache(inner.LayerCount, inner.BlockCount, inner.BlockLength, inner.KvHeadCount, inner.HeadDimension, inner.Type)
    {
        public KvCache Inner { get; } = inner;

        public override float[][] ReadKeys(int layer, ReadOnlySpan<int> slots)
        {
            backend.Downloads++;
            return Inner.ReadKeys(layer, slots);
        }

        public override void Dispose() => Inner.Dispose();
    }

    private sealed class IsolatedWeight(ReadOnlySpan<Tensor> parts, PreparedWeight inner, Tensor[] copies) : PreparedWeight(parts)
    {
        public PreparedWeight Inner { get; } = inner;

        public override void Dispose()
        {
            Inner.Dispose();
            Array.ForEach(copies, copy => copy.Dispose());
            base.Dispose();
        }
    }

    private sealed class IsolatedChange(LowRankWeight packed) : LowRankWeight(packed);

    private sealed class IsolatedConvolution(Tensor weight, int taps, PreparedConvolution inner) : PreparedConvolution(weight, taps)
    {
        public PreparedConvolution Inner { get; } = inner;

        public override void Dispose() => Inner.Dispose();
    }
}
