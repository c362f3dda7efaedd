using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Inference.Text.Tokenizers;

/// <summary>
/// The vocabulary's spellings as UTF-8 in one pool, found by id or by spelling (open addressing). Ids may have holes.
/// Built once by <see cref="Add"/>; afterwards only read, from any thread. The hot methods are compiled with full optimisation at
/// once, since a vocabulary is read before the runtime would get to it.
/// </summary>
internal sealed class TokenTable
{
    /// <summary>Largest id a file may use; arrays are as long as the largest id.</summary>
    public const int MaxId = 3_999_999;

    // A slot is the upper 40 bits of the hash, then one more than the id; 0 is free.
    private const ulong IdBits = (1 << 24) - 1;

    // As random as a key, but without the libraries of cryptography, which take megabytes and time at start.
    private static readonly ulong Seed = BinaryPrimitives.ReadUInt64LittleEndian(Guid.NewGuid().ToByteArray());

    // A spelling is its start in the pool, then one more than its length; 0 is none.
    private ulong[] _spellings;
    private byte[] _pool;
    private int _poolLength;
    private ulong[] _slots;
    private int _count;

    /// <param name="capacity">Tokens expected.</param>
    /// <param name="bytes">Bytes of their spellings expected.</param>
    public TokenTable(int capacity = 1024, int bytes = 8192)
    {
        capacity = Math.Max(16, capacity);
        _pool = new byte[Math.Max(256, bytes)];
        _spellings = new ulong[capacity];
        _slots = new ulong[BitOperations.RoundUpToPowerOf2((uint)capacity * 4 / 3)];
    }

    /// <summary>One more than the largest id.</summary>
    public int Size { get; private set; }

    /// <summary>Bytes of all spellings.</summary>
    public int TotalBytes => _poolLength;

    /// <summary>Whether <paramref name="id"/> has a spelling.</summary>
    public bool Contains(int id) => (uint)id < (uint)Size && _spellings[id] != 0;

    /// <summary>The spelling of <paramref name="id"/> in UTF-8; empty where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Spelling(int id)
    {
        ulong place = (uint)id < (uint)Size ? _spellings[id] : 0;
        return place == 0 ? default : _pool.AsSpan((int)(place >> 32), (int)(uint)place - 1);
    }

    /// <summary>The spelling of <paramref name="id"/> as text.</summary>
    public string Text(int id) => Encoding.UTF8.GetString(Spelling(id));

    /// <summary>The id spelled so, or -1.</summary>
    public int Find(ReadOnlySpan<byte> spelling)
    {
        ulong hash = Hash(spelling);
        ulong[] slots = _slots;
        for (uint at = (uint)(hash >> 24); ; at++)
        {
            ulong slot = slots[at & (uint)(slots.Length - 1)];
            if (slot == 0) return -1;
            if (((slot ^ hash) & ~IdBits) == 0 && Spelling((int)(slot & IdBits) - 1).SequenceEqual(spelling)) return (int)(slot & IdBits) - 1;
        }
    }

    /// <summary>The id spelled so, or -1. A lone surrogate is in no spelling.</summary>
    public int Find(ReadOnlySpan<char> spelling)
    {
        int limit = Encoding.UTF8.GetMaxByteCount(spelling.Length);
        Span<byte> bytes = limit <= 512 ? stackalloc byte[512] : new byte[limit];
        return Find(bytes[..Encoding.UTF8.GetBytes(spelling, bytes)]);
    }

    /// <summary>Adds a spelling; <paramref name="field"/> is named in errors.</summary>
    /// <returns>Whether the spelling is new; false where another id is spelled so, which is found no longer.</returns>
    /// <exception cref="TokenizerFormatException">The id is out of range or taken.</exception>
    public bool Add(int id, ReadOnlySpan<byte> spelling, string field)
    {
        if ((uint)id > MaxId || Contains(id)) throw Refuse(id, spelling, field);
        if (id >= _spellings.Length) Array.Resize(ref _spellings, Math.Max(id + 1, _spellings.Length * 2));
        if (_poolLength + spelling.Length > _pool.Length) Array.Resize(ref _pool, Math.Max(_poolLength + spelling.Length, _pool.Length * 2));
        spelling.CopyTo(_pool.AsSpan(_poolLength));
        _spellings[id] = ((ulong)_poolLength << 32) | ((uint)spelling.Length + 1);
        _poolLength += spelling.Length;
        Size = Math.Max(Size, id + 1);
        if (++_count * 4L > _slots.Length * 3L) Grow();

        ulong hash = Hash(spelling);
        uint mask = (uint)(_slots.Length - 1);
        for (uint at = (uint)(hash >> 24); ; at++)
        {
            ref ulong slot = ref _slots[at & mask];
            if (slot == 0)
            {
                slot = (hash & ~IdBits) | ((uint)id + 1);
                return true;
            }

            if (((slot ^ hash) & ~IdBits) == 0 && Spelling((int)(slot & IdBits) - 1).SequenceEqual(spelling))
            {
                slot = (hash & ~IdBits) | ((uint)id + 1);
                return false;
            }
        }
    }

    // Eight bytes at a time; the seed keeps files from being made to collide.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        ulong hash = Seed + (ulong)bytes.Length;
        for (; bytes.Length > 8; bytes = bytes[8..]) hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        ulong rest = 0;
        if (bytes.Length >= 4) rest = ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(bytes) << 32) | BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]);
        else if (bytes.Length > 0) rest = ((ulong)bytes[0] << 16) | ((ulong)bytes[bytes.Length / 2] << 8) | bytes[^1];
        return Mix(hash ^ rest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong value)
    {
        ulong high = Math.BigMul(value, 0x9E3779B97F4A7C15UL, out ulong low);
        return (high ^ low) * 0xBF58476D1CE4E5B9UL;
    }

    private TokenizerFormatException Refuse(int id, ReadOnlySpan<byte> spelling, string field) => new(
        (uint)id > MaxId
            ? $"{field}: the id {id} of \"{Encoding.UTF8.GetString(spelling)}\" is not within 0..{MaxId}"
            : $"{field}: the id {id} is given to \"{Text(id)}\" and to \"{Encoding.UTF8.GetString(spelling)}\"");

    private void Grow()
    {
        ulong[] old = _slots;
        _slots = new ulong[old.Length * 2];
        uint mask = (uint)(_slots.Length - 1);
        foreach (ulong slot in old)
        {
            if (slot == 0) continue;
            uint at = (uint)(slot >> 24);
            while (_slots[at & mask] != 0) at++;
            _slots[at & mask] = slot;
        }
    }
}
