using System.Buffers;

namespace Inference.Text.Tokenizers.Models;

/// <summary>A binary heap of (rank, position), lowest first; eight bytes an entry, in a rented array.</summary>
internal ref struct PairHeap(int capacity)
{
    private ulong[] _entries = ArrayPool<ulong>.Shared.Rent(Math.Max(16, capacity));
    private int _count;

    /// <summary>Adds an entry without ordering; <see cref="Order"/> follows.</summary>
    public void Append(int rank, int position)
    {
        if (_count == _entries.Length) Grow();
        _entries[_count++] = ((ulong)(uint)rank << 32) | (uint)position;
    }

    /// <summary>Makes a heap of what was appended, in linear time.</summary>
    public readonly void Order()
    {
        for (int i = (_count / 2) - 1; i >= 0; i--) SiftDown(i);
    }

    public void Push(int rank, int position)
    {
        Append(rank, position);
        int child = _count - 1;
        ulong entry = _entries[child];
        while (child > 0 && _entries[(child - 1) / 2] > entry)
        {
            _entries[child] = _entries[(child - 1) / 2];
            child = (child - 1) / 2;
        }

        _entries[child] = entry;
    }

    public bool TryPop(out int rank, out int position)
    {
        (rank, position) = _count == 0 ? (0, 0) : ((int)(_entries[0] >> 32), (int)(uint)_entries[0]);
        if (_count == 0) return false;
        _entries[0] = _entries[--_count];
        SiftDown(0);
        return true;
    }

    public readonly void Return() => ArrayPool<ulong>.Shared.Return(_entries);

    private readonly void SiftDown(int parent)
    {
        ulong entry = _entries[parent];
        for (int child; (child = (parent * 2) + 1) < _count; parent = child)
        {
            if (child + 1 < _count && _entries[child + 1] < _entries[child]) child++;
            if (_entries[child] >= entry) break;
            _entries[parent] = _entries[child];
        }

        _entries[parent] = entry;
    }

    private void Grow()
    {
        ulong[] larger = ArrayPool<ulong>.Shared.Rent(_entries.Length * 2);
        _entries.AsSpan(0, _count).CopyTo(larger);
        ArrayPool<ulong>.Shared.Return(_entries);
        _entries = larger;
    }
}
