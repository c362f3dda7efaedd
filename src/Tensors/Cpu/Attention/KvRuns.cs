using System.Runtime.CompilerServices;

namespace Inference.Tensors.Cpu.Attention;

/// <summary>
/// Where the runs of keys and values of a block of positions lie, for one head of one sequence. Block lengths that are no
/// multiple of a run are copied into whole runs first.
/// </summary>
internal unsafe ref struct KvRuns
{
    private const int Runs = BlockScores.Positions / HostKvCache.Lanes;

    private readonly HostKvCache _cache;
    private readonly byte* _keyMemory;
    private readonly byte* _valueMemory;
    private readonly int _head;
    private readonly ReadOnlySpan<int> _blocks;
    private readonly byte* _copies;

    /// <param name="cache">The cache.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="head">The key/value head.</param>
    /// <param name="blocks">The sequence's block table.</param>
    /// <param name="pointers">Room for three arrays of <see cref="Runs"/> pointers.</param>
    /// <param name="copies">Room of <see cref="CopyBytes"/>.</param>
    public KvRuns(HostKvCache cache, int layer, int head, ReadOnlySpan<int> blocks, byte** pointers, byte* copies)
    {
        _cache = cache;
        _keyMemory = (byte*)cache.KeyMemory(layer).Data;
        _valueMemory = (byte*)cache.ValueMemory(layer).Data;
        _head = head;
        _blocks = blocks;
        _copies = copies;
        Keys = pointers;
        Values = pointers + Runs;
        NextKeys = pointers + (2 * Runs);
    }

    /// <summary>Pointers that the three arrays hold together.</summary>
    public static int PointerCount => 3 * Runs;

    /// <summary>Runs of keys.</summary>
    public byte** Keys { get; }

    /// <summary>Runs of values.</summary>
    public byte** Values { get; }

    /// <summary>The runs of keys that are needed next, for prefetching; any address will do.</summary>
    public byte** NextKeys { get; }

    /// <summary>Memory for copies of runs.</summary>
    public static long CopyBytes(HostKvCache cache) => cache.BlockLength % HostKvCache.Lanes == 0 ? 0 : (2 * Runs * (long)cache.RunBytes) + 64;

    /// <summary>Finds the runs of positions [first, last), which are in one block of positions.</summary>
    /// <param name="first">First position.</param>
    /// <param name="last">The position after the last.</param>
    /// <param name="end">Positions beyond it are never needed.</param>
    [MethodImpl(KernelCompilation.Optimized)]
    public readonly void Find(int first, int last, int end)
    {
        int block = first / BlockScores.Positions * BlockScores.Positions;
        if (_copies is not null)
        {
            Copy(first, last, block);
            return;
        }

        for (int run = (first - block) / HostKvCache.Lanes; block + (run * HostKvCache.Lanes) < last; run++)
        {
            nint offset = Offset(block + (run * HostKvCache.Lanes));
            Keys[run] = _keyMemory + offset;
            Values[run] = _valueMemory + offset;
            int next = block + BlockScores.Positions + (run * HostKvCache.Lanes);
            NextKeys[run] = next < end ? _keyMemory + Offset(next) : Keys[run];
        }
    }

    private readonly nint Offset(int position)
    {
        int block = Math.DivRem(position, _cache.BlockLength, out int offset);
        return _cache.RunOffset(_blocks[block], _head, offset / HostKvCache.Lanes);
    }

    private readonly void Copy(int first, int last, int block)
    {
        int d = _cache.HeadDimension, size = _cache.ElementBytes, scaleBytes = _cache.Type == DType.Q8_0 ? sizeof(float) : 0;
        int elements = d * HostKvCache.Lanes * size;
        for (int run = 0; run < Runs; run++)
        {
            Keys[run] = NextKeys[run] = _copies + ((long)run * _cache.RunBytes);
            Values[run] = _copies + ((long)(Runs + run) * _cache.RunBytes);
        }

        for (int position = first; position < last; position++)
        {
            nint offset = Offset(position);
            int run = (position - block) / HostKvCache.Lanes, from = position % _cache.BlockLength % HostKvCache.Lanes, to = position % HostKvCache.Lanes;
            CopyLane(_keyMemory + offset, from, Keys[run], to, d, size);
            CopyLane(_keyMemory + offset + elements, from, Keys[run] + elements, to, _cache.ScaleCount, scaleBytes);
            CopyRow(_valueMemory + offset, from, Values[run], to, d * size);
            CopyRow(_valueMemory + offset + elements, from, Values[run] + elements, to, _cache.ScaleCount * scaleBytes);
        }
    }

    private static void CopyLane(byte* source, int from, byte* target, int to, int count, int size)
    {
        for (int i = 0; i < count && size > 0; i++)
        {
            CopyRow(source + (i * HostKvCache.Lanes * size), from, target + (i * HostKvCache.Lanes * size), to, size);
        }
    }

    private static void CopyRow(byte* source, int from, byte* target, int to, int bytes) =>
        new Span<byte>(source + (from * bytes), bytes).CopyTo(new Span<byte>(target + (to * bytes), bytes));
}
