using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Inference.Training.Data;

/// <summary>
/// Endless batches of a data set, each epoch in an order of its own that the seed and the epoch's number decide.
/// <see cref="Cursor"/> is its entire state: set it, and the stream goes on as it would have.
/// </summary>
public sealed class ExampleStream
{
    private readonly IReadOnlyList<TrainingExample> _examples;
    private readonly int _seed;
    private readonly int _rows;
    private int[] _order = [];
    private long _orderEpoch = -1;

    /// <param name="examples">The data set.</param>
    /// <param name="rows">Most rows of a batch.</param>
    /// <param name="seed">Seed of the shuffles.</param>
    /// <exception cref="ArgumentException">There are no examples, or one is too short or too long.</exception>
    public ExampleStream(IReadOnlyList<TrainingExample> examples, int rows, int seed)
    {
        if (examples.Count == 0)
        {
            throw new ArgumentException("the data set has no examples", nameof(examples));
        }

        for (int i = 0; i < examples.Count; i++)
        {
            int length = examples[i].Tokens.Length;
            if (length < 2 || length - 1 > rows || examples[i].Weights.Length != length)
            {
                throw new ArgumentException(
                    $"example {i} has {length} tokens and {examples[i].Weights.Length} weights; a batch takes 2 to {rows + 1} of each", nameof(examples));
            }
        }

        _examples = examples;
        _rows = rows;
        _seed = seed;
        DataHash = Hash(examples);
    }

    /// <summary>Examples drawn so far.</summary>
    public long Cursor { get; set; }

    /// <summary>SHA-256 of all tokens and weights, in hexadecimal.</summary>
    public string DataHash { get; }

    /// <summary>Number of examples.</summary>
    public int Count => _examples.Count;

    /// <summary>Draws examples until the next would not fit.</summary>
    public PackedBatch Next()
    {
        List<TrainingExample> drawn = [];
        int rows = 0;
        while (true)
        {
            TrainingExample example = At(Cursor);
            rows += example.Tokens.Length - 1;
            if (rows > _rows)
            {
                return PackedBatch.Pack(drawn);
            }

            drawn.Add(example);
            Cursor++;
        }
    }

    private TrainingExample At(long cursor)
    {
        (long epoch, long index) = Math.DivRem(cursor, _examples.Count);
        if (epoch != _orderEpoch)
        {
            _order = [.. Enumerable.Range(0, _examples.Count)];
            new Random(HashCode(_seed, epoch)).Shuffle(_order);
            _orderEpoch = epoch;
        }

        return _examples[_order[index]];
    }

    /// <summary>System.HashCode is seeded by process and so not repeatable; this is.</summary>
    private static int HashCode(int seed, long epoch) => unchecked((seed * 486_187_739) + (int)epoch);

    private static string Hash(IReadOnlyList<TrainingExample> examples)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (TrainingExample example in examples)
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, example.Tokens.Length);
            hash.AppendData(length);
            hash.AppendData(MemoryMarshal.AsBytes(example.Tokens.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(example.Weights.AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
