namespace Inference.Training.Data;

/// <summary>The order of a data set, each epoch another that the seed and the epoch's number decide.</summary>
/// <param name="count">Items of the data set, at least 1.</param>
/// <param name="seed">Seed of the shuffles.</param>
public sealed class EpochOrder(int count, int seed)
{
    private int[] _order = [];
    private long _epoch = -1;

    /// <summary>The item that is drawn after <paramref name="cursor"/> others.</summary>
    public int At(long cursor)
    {
        (long epoch, long index) = Math.DivRem(cursor, count);
        if (epoch != _epoch)
        {
            _order = [.. Enumerable.Range(0, count)];
            new Random(HashCode(seed, epoch)).Shuffle(_order);
            _epoch = epoch;
        }

        return _order[index];
    }

    /// <summary>System.HashCode is seeded by process and so not repeatable; this is.</summary>
    private static int HashCode(int seed, long epoch) => unchecked((seed * 486_187_739) + (int)epoch);
}
