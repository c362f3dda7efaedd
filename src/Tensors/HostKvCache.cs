namespace Inference.Tensors;

/// <summary>
/// A cache in the host's memory. Keys and values lie as attention reads them: 16 tokens of a head are a run, whose keys are [headDimension][16], so that a vector
/// holds one element of 16 keys, and whose values are [16][headDimension]. A block is [kvHeads][runs]; a block length that is
/// no multiple of 16 leaves the rest of its last run unused.
/// </summary>
public sealed unsafe class HostKvCache : KvCache
{
    /// <summary>Tokens of a run.</summary>
    internal const int Lanes = 16;

    /// <summary>Elements that share a scale in Q8_0.</summary>
    internal const int ScaleLength = 32;

    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;

    /// <summary>Allocates the cache: <see cref="KvCache(int, int, int, int, int, DType)"/>.</summary>
    /// <param name="layerCount">Number of layers.</param>
    /// <param name="blockCount">Number of blocks, shared by all sequences.</param>
    /// <param name="blockLength">Tokens in a block.</param>
    /// <param name="kvHeadCount">Number of key/value heads.</param>
    /// <param name="headDimension">Elements in a head.</param>
    /// <param name="type">F32, F16, BF16 or Q8_0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1, or the type is none of these.</exception>
    public HostKvCache(int layerCount, int blockCount, int blockLength, int kvHeadCount, int headDimension, DType type = DType.F32)
        : base(layerCount, blockCount, blockLength, kvHeadCount, headDimension, type)
    {
        ElementBytes = type switch { DType.F32 => 4, DType.Q8_0 => 1, _ => 2 };
        RunBytes = BytesOfRun(headDimension, type);
        RunsPerBlock = (blockLength + Lanes - 1) / Lanes;

        // The block beyond the last is never written: kernels read whole vectors, a few bytes past the end of a run.
        int columns = checked(kvHeadCount * RunsPerBlock * (RunBytes / sizeof(float)));
        _keys = [.. Enumerable.Range(0, layerCount).Select(_ => Tensor.Allocate(checked(blockCount + 1), columns))];
        _values = [.. Enumerable.Range(0, layerCount).Select(_ => Tensor.Allocate(checked(blockCount + 1), columns))];
    }

    /// <summary>Bytes of an element.</summary>
    internal int ElementBytes { get; }

    /// <summary>Bytes of a run of keys, or of values: the elements, then in Q8_0 the scales, keys [scales][16], values [16][scales].</summary>
    internal int RunBytes { get; }

    /// <summary>Runs of a head in a block.</summary>
    internal int RunsPerBlock { get; }

    /// <summary>Scales of a head of a token in Q8_0.</summary>
    internal int ScaleCount => (HeadDimension + ScaleLength - 1) / ScaleLength;

    /// <summary>Bytes that a block takes, keys and values of all layers together.</summary>
    public static long BlockBytes(int layerCount, int blockLength, int kvHeadCount, int headDimension, DType type) =>
        2L * layerCount * kvHeadCount * ((blockLength + Lanes - 1) / Lanes) * BytesOfRun(headDimension, type);

    /// <summary>Stores the key and the value of a token, [kvHeads * headDimension] each, by plain loops.</summary>
    public void Write(int layer, int slot, ReadOnlySpan<float> key, ReadOnlySpan<float> value)
    {
        Require.Length(key.Length, KvHeadCount * HeadDimension, nameof(key));
        Require.Length(value.Length, KvHeadCount * HeadDimension, nameof(value));
        for (int head = 0; head < KvHeadCount; head++)
        {
            for (int i = 0; i < HeadDimension; i++)
            {
                int at = (head * HeadDimension) + i, group = i - (i % ScaleLength), count = Math.Min(ScaleLength, HeadDimension - group);
                Encode(Locate(_keys, layer, slot, head, i, isKey: true), key[at], key.Slice((head * HeadDimension) + group, count));
                Encode(Locate(_values, layer, slot, head, i, isKey: false), value[at], value.Slice((head * HeadDimension) + group, count));
            }
        }

        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public override float[][] ReadKeys(int layer, ReadOnlySpan<int> slots) => Array.ConvertAll(slots.ToArray(), slot => ReadKey(layer, slot));

    /// <summary>The key of a token, [kvHeads * headDimension], exactly what the stored numbers mean.</summary>
    public float[] ReadKey(int layer, int slot) => Read(_keys, layer, slot, isKey: true);

    /// <summary>The value of a token, [kvHeads * headDimension], exactly what the stored numbers mean.</summary>
    public float[] ReadValue(int layer, int slot) => Read(_values, layer, slot, isKey: false);

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (Tensor tensor in _keys.Concat(_values))
        {
            tensor.Dispose();
        }
    }

    /// <summary>The memory of a layer's keys.</summary>
    internal Tensor KeyMemory(int layer) => _keys[layer];

    /// <summary>The memory of a layer's values.</summary>
    internal Tensor ValueMemory(int layer) => _values[layer];

    /// <summary>Bytes from the start of a layer's memory to a run.</summary>
    internal nint RunOffset(int block, int head, int run) => ((((nint)block * KvHeadCount) + head) * RunsPerBlock + run) * RunBytes;

    /// <summary>Whole cache lines.</summary>
    private static int BytesOfRun(int headDimension, DType type) => type switch
    {
        DType.F32 => headDimension * Lanes * 4,
        DType.Q8_0 => ((headDimension * Lanes) + ((headDimension + ScaleLength - 1) / ScaleLength * Lanes * 4) + 63) & ~63,
        _ => ((headDimension * Lanes * 2) + 63) & ~63,
    };

    private float[] Read(Tensor[] memory, int layer, int slot, bool isKey)
    {
        float[] values = new float[KvHeadCount * HeadDimension];
        for (int i = 0; i < values.Length; i++)
        {
            (nint element, nint scale) = Locate(memory, layer, slot, i / HeadDimension, i % HeadDimension, isKey);
            values[i] = Type switch
            {
                DType.F32 => *(float*)element,
                DType.F16 => (float)*(Half*)element,
                DType.BF16 => BitConverter.Int32BitsToSingle(*(ushort*)element << 16),
                _ => *(float*)scale * *(sbyte*)element,
            };
        }

        GC.KeepAlive(this);
        return values;
    }

    private (nint Element, nint Scale) Locate(Tensor[] memory, int layer, int slot, int head, int i, bool isKey)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)(BlockCount * BlockLength));
        Require.Alive(memory[layer]);
        int offset = slot % BlockLength, lane = offset % Lanes;
        nint run = memory[layer].Data + RunOffset(slot / BlockLength, head, offset / Lanes);
        nint scales = run + (HeadDimension * Lanes * ElementBytes);
        return isKey
            ? (run + (((i * Lanes) + lane) * ElementBytes), scales + ((((i / ScaleLength) * Lanes) + lane) * sizeof(float)))
            : (run + (((lane * HeadDimension) + i) * ElementBytes), scales + (((lane * ScaleCount) + (i / ScaleLength)) * sizeof(float)));
    }

    private void Encode((nint Element, nint Scale) target, float value, ReadOnlySpan<float> group)
    {
        switch (Type)
        {
            case DType.F32:
                *(float*)target.Element = value;
                break;
            case DType.F16:
                *(Half*)target.Element = (Half)Math.Clamp(value, -65504, 65504);
                break;
            case DType.BF16:
                uint bits = BitConverter.SingleToUInt32Bits(value);
                *(ushort*)target.Element = float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
                break;
            default:
                float largest = 0;
                foreach (float other in group)
                {
                    largest = MathF.Max(largest, MathF.Abs(other));
                }

                float scale = largest / 127;
                *(float*)target.Scale = scale;
                *(sbyte*)target.Element = (sbyte)MathF.Round(scale == 0 ? 0 : value / scale);
                break;
        }
    }
}
