using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Inference.Text.Tokenizers;

/// <summary>
/// The vocabulary's spellings as UTF-8 in one pool, found by id or by spelling. Ids may have holes.
/// Built once by <see cref="Add"/>; afterwards only read, from any thread.
/// </summary>
internal sealed class TokenTable
{
    /// <summary>Largest id a file may use; arrays are as long as the largest id.</summary>
    public const int MaxId = 3_999_999;

    private static readonly ulong Seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));

    private byte[] _pool;
    private int _poolLength;
    private int[] _starts;
    private int[] _lengths;
    private int[] _next;
    private int[] _buckets;
    private int _count;

    public TokenTable(int capacity = 1024)
    {
        capacity = Math.Max(16, capacity);
        _pool = new byte[capacity * 8];
        _starts = new int[capacity];
        _lengths = new int[capacity];
        _next = new int[capacity];
        _buckets = new int[BitOperations.RoundUpToPowerOf2((uint)capacity)];
        _lengths.AsSpan().Fill(-1);
        _buckets.AsSpan().Fill(-1);
    }

    /// <summary>One more than the largest id.</summary>
    public int Size { get; private set; }

    /// <summary>Bytes of all spellings.</summary>
    public int TotalBytes => _poolLength;

    /// <summary>Whether <paramref name="id"/> has a spelling.</summary>
    public bool Contains(int id) => (uint)id < (uint)Size && _lengths[id] >= 0;

    /// <summary>The spelling of <paramref name="id"/> in UTF-8; empty where there is none.</summary>
    public ReadOnlySpan<byte> Spelling(int id) => Contains(id) ? _pool.AsSpan(_starts[id], _lengths[id]) : default;

    /// <summary>The spelling of <paramref name="id"/> as text.</summary>
    public string Text(int id) => Encoding.UTF8.GetString(Spelling(id));

    /// <summary>The id spelled so, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Find(ReadOnlySpan<byte> spelling)
    {
        for (int id = _buckets[Hash(spelling) & (_buckets.Length - 1)]; id >= 0; id = _next[id])
        {
            if (_pool.AsSpan(_starts[id], _lengths[id]).SequenceEqual(spelling)) return id;
        }

        return -1;
    }

    /// <summary>The id spelled so, or -1. A lone surrogate is in no spelling.</summary>
    public int Find(ReadOnlySpan<char> spelling)
    {
        int limit = Encoding.UTF8.GetMaxByteCount(spelling.Length);
        Span<byte> bytes = limit <= 512 ? stackalloc byte[512] : new byte[limit];
        return Find(bytes[..Encoding.UTF8.GetBytes(spelling, bytes)]);
    }

    /// <summary>Adds a spelling; <paramref name="field"/> is named in errors. With <paramref name="findable"/> false it is found by id only.</summary>
    /// <exception cref="TokenizerFormatException">The id is out of range or taken.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(int id, ReadOnlySpan<byte> spelling, string field, bool findable = true)
    {
        if ((uint)id > MaxId)
            throw new TokenizerFormatException($"{field}: the id {id} of \"{Encoding.UTF8.GetString(spelling)}\" is not within 0..{MaxId}");
        if (Contains(id))
            throw new TokenizerFormatException($"{field}: the id {id} is given to \"{Text(id)}\" and to \"{Encoding.UTF8.GetString(spelling)}\"");

        Reserve(id, spelling.Length);
        spelling.CopyTo(_pool.AsSpan(_poolLength));
        (_starts[id], _lengths[id], _next[id]) = (_poolLength, spelling.Length, -1);
        _poolLength += spelling.Length;
        Size = Math.Max(Size, id + 1);
        if (!findable) return;

        _count++;
        if (_count > _buckets.Length) Rehash();
        ref int bucket = ref _buckets[Hash(spelling) & (_buckets.Length - 1)];
        (_next[id], bucket) = (bucket, id);
    }

    // Eight bytes at a time; the seed keeps files from being made to collide.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Hash(ReadOnlySpan<byte> bytes)
    {
        ulong hash = Seed + (ulong)bytes.Length;
        for (; bytes.Length >= 8; bytes = bytes[8..]) hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        ulong rest = 0;
        foreach (byte b in bytes) rest = (rest << 8) | b;
        return (int)(Mix(hash ^ rest) >> 32);
    }

    private static ulong Mix(ulong value) => BitOperations.RotateLeft(value * 0x9E3779B97F4A7C15UL, 29) * 0xBF58476D1CE4E5B9UL;

    private void Reserve(int id, int bytes)
    {
        if (id >= _starts.Length)
        {
            int old = _starts.Length;
            int size = Math.Max(id + 1, old * 2);
            Array.Resize(ref _starts, size);
            Array.Resize(ref _lengths, size);
            Array.Resize(ref _next, size);
            _lengths.AsSpan(old).Fill(-1);
        }

        if (_poolLength + bytes > _pool.Length) Array.Resize(ref _pool, Math.Max(_poolLength + bytes, _pool.Length * 2));
    }

    private void Rehash()
    {
        int[] old = _buckets;
        _buckets = new int[old.Length * 2];
        _buckets.AsSpan().Fill(-1);
        foreach (int head in old)
        {
            for (int id = head, following; id >= 0; id = following)
            {
                following = _next[id];
                ref int bucket = ref _buckets[Hash(_pool.AsSpan(_starts[id], _lengths[id])) & (_buckets.Length - 1)];
                (_next[id], bucket) = (bucket, id);
            }
        }
    }
}
