using System.Numerics;
using System.Runtime.CompilerServices;

namespace Inference.Text.Tokenizers.Models;

/// <summary>Pairs of neighbouring tokens that merge into one: (left, right) to (rank, merged id); the lowest rank merges first.</summary>
internal sealed class MergeTable
{
    private Slot[] _slots;
    private int _count;

    public MergeTable(int capacity = 64) => _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)Math.Max(64, capacity * 4L / 3))];

    /// <summary>Adds a merge; a pair that is there already takes the new rank.</summary>
    public void Add(int left, int right, int rank, int id)
    {
        if (_count * 4L >= _slots.Length * 3L) Grow();
        ref Slot slot = ref Find(Key(left, right));
        if (slot.Key == 0) _count++;
        slot = new Slot(Key(left, right), rank, id);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(int left, int right, out int rank, out int id)
    {
        ref Slot slot = ref Find(Key(left, right));
        (rank, id) = (slot.Rank, slot.Id);
        return slot.Key != 0;
    }

    // Never 0, which marks a free slot.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Key(int left, int right) => ((ulong)(uint)(left + 1) << 32) | (uint)right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Slot Find(ulong key)
    {
        Slot[] slots = _slots;
        int mask = slots.Length - 1;
        int at = (int)((key * 0x9E3779B97F4A7C15UL) >> 32) & mask;
        while (slots[at].Key != key && slots[at].Key != 0) at = (at + 1) & mask;
        return ref slots[at];
    }

    private void Grow()
    {
        Slot[] old = _slots;
        _slots = new Slot[old.Length * 2];
        foreach (Slot slot in old)
        {
            if (slot.Key != 0) Find(slot.Key) = slot;
        }
    }

    private readonly record struct Slot(ulong Key, int Rank, int Id);
}
