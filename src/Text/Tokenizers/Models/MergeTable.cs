using System.Numerics;
using System.Runtime.CompilerServices;

namespace Inference.Text.Tokenizers.Models;

/// <summary>Pairs of neighbouring tokens that merge into one: (left, right) to (rank, merged id); the lowest rank merges first.</summary>
internal sealed class MergeTable
{
    private const ulong Empty = ulong.MaxValue;
    private ulong[] _keys;
    private (int Rank, int Id)[] _values;
    private int _count;

    public MergeTable(int capacity = 64)
    {
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(64, capacity * 2));
        _keys = new ulong[size];
        _keys.AsSpan().Fill(Empty);
        _values = new (int, int)[size];
    }

    /// <summary>Adds a merge; a pair that is there already takes the new rank.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(int left, int right, int rank, int id)
    {
        if (_count * 2 >= _keys.Length) Grow();
        int slot = Slot(Key(left, right));
        if (_keys[slot] == Empty) _count++;
        _keys[slot] = Key(left, right);
        _values[slot] = (rank, id);
    }

    public bool TryGet(int left, int right, out int rank, out int id)
    {
        ulong key = Key(left, right);
        int slot = Slot(key);
        (rank, id) = _values[slot];
        return _keys[slot] == key;
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Slot(ulong key)
    {
        int mask = _keys.Length - 1;
        int slot = (int)((key * 0x9E3779B97F4A7C15UL) >> 32) & mask;
        while (_keys[slot] != key && _keys[slot] != Empty) slot = (slot + 1) & mask;
        return slot;
    }

    private void Grow()
    {
        (ulong[] keys, (int Rank, int Id)[] values) = (_keys, _values);
        _keys = new ulong[keys.Length * 2];
        _keys.AsSpan().Fill(Empty);
        _values = new (int, int)[_keys.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            if (keys[i] == Empty) continue;
            int slot = Slot(keys[i]);
            (_keys[slot], _values[slot]) = (keys[i], values[i]);
        }
    }
}
