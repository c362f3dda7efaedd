using System.Numerics;

namespace Inference.Text.Tokenizers.Models;

/// <summary>Byte strings by prefix: a trie whose edges are in one open-addressing table. Built once by <see cref="Add"/>, then only read.</summary>
internal sealed class ByteTrie
{
    /// <summary>The node of the empty prefix.</summary>
    public const int Root = 0;

    private long[] _keys;
    private int[] _children;
    private int[] _values = new int[1024];
    private int _count = 1;

    /// <param name="capacity">Bytes expected in all.</param>
    public ByteTrie(int capacity)
    {
        int size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(64, capacity * 2L));
        (_keys, _children) = (new long[size], new int[size]);
        _values.AsSpan().Fill(-1);
    }

    /// <summary>Adds a string that is not empty; the value of one that is there already stays.</summary>
    public void Add(ReadOnlySpan<byte> key, int value)
    {
        int node = Root;
        foreach (byte b in key)
        {
            int slot = Slot(node, b);
            if (_keys[slot] == 0)
            {
                (_keys[slot], _children[slot]) = (Key(node, b), NewNode());
                if (_count * 2 > _keys.Length)
                {
                    Grow();
                    slot = Slot(node, b);
                }
            }

            node = _children[slot];
        }

        if (_values[node] < 0) _values[node] = value;
    }

    /// <summary>The node behind <paramref name="node"/> by one byte; -1 where no string goes on so.</summary>
    public int Child(int node, byte next)
    {
        int slot = Slot(node, next);
        return _keys[slot] == 0 ? -1 : _children[slot];
    }

    /// <summary>The value of the string that ends at the node; -1 where none does.</summary>
    public int Value(int node) => _values[node];

    // Never 0, which marks a free slot.
    private static long Key(int node, byte next) => ((long)(node + 1) << 8) | next;

    private int Slot(int node, byte next)
    {
        long key = Key(node, next);
        int mask = _keys.Length - 1;
        int slot = (int)(((ulong)key * 0x9E3779B97F4A7C15UL) >> 32) & mask;
        while (_keys[slot] != key && _keys[slot] != 0) slot = (slot + 1) & mask;
        return slot;
    }

    private int NewNode()
    {
        if (_count == _values.Length)
        {
            Array.Resize(ref _values, _count * 2);
            _values.AsSpan(_count).Fill(-1);
        }

        return _count++;
    }

    private void Grow()
    {
        (long[] keys, int[] children) = (_keys, _children);
        (_keys, _children) = (new long[keys.Length * 2], new int[keys.Length * 2]);
        for (int i = 0; i < keys.Length; i++)
        {
            if (keys[i] == 0) continue;
            int slot = Slot((int)(keys[i] >> 8) - 1, (byte)keys[i]);
            (_keys[slot], _children[slot]) = (keys[i], children[i]);
        }
    }
}
