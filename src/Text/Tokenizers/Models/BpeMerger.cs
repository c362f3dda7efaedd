using System.Buffers;

namespace Inference.Text.Tokenizers.Models;

/// <summary>
/// Byte-pair merging: joins the neighbouring pair of the lowest rank, the leftmost among equals, until none is left.
/// Short pieces are rescanned; long ones keep their pairs in a heap, so that n symbols cost O(n log n).
/// Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units".
/// </summary>
internal static class BpeMerger
{
    /// <summary>Pieces up to this many symbols are rescanned: faster than a heap at that size.</summary>
    public const int ShortPiece = 48;

    private const int None = int.MaxValue;

    /// <summary>Merges <paramref name="symbols"/> in place and returns how many are left.</summary>
    public static int Merge(Span<int> symbols, MergeTable merges) =>
        symbols.Length <= ShortPiece ? MergeByScan(symbols, merges) : MergeByHeap(symbols, merges);

    public static int MergeByScan(Span<int> symbols, MergeTable merges)
    {
        int count = symbols.Length;
        Span<int> ranks = count <= ShortPiece ? stackalloc int[ShortPiece] : new int[count];
        for (int i = 0; i < count - 1; i++) ranks[i] = Rank(symbols, i, merges);
        while (count > 1)
        {
            int best = 0;
            for (int i = 1; i < count - 1; i++)
            {
                if (ranks[i] < ranks[best]) best = i;
            }

            if (ranks[best] == None) break;
            merges.TryGet(symbols[best], symbols[best + 1], out _, out symbols[best]);
            symbols[(best + 2)..count].CopyTo(symbols[(best + 1)..]);
            count--;
            ranks[(best + 1)..count].CopyTo(ranks[best..]);
            if (best > 0) ranks[best - 1] = Rank(symbols, best - 1, merges);
            if (best < count - 1) ranks[best] = Rank(symbols, best, merges);
        }

        return count;
    }

    public static int MergeByHeap(Span<int> symbols, MergeTable merges)
    {
        int count = symbols.Length;
        int[] links = ArrayPool<int>.Shared.Rent(count * 2);
        Span<int> next = links.AsSpan(0, count);
        Span<int> previous = links.AsSpan(count, count);
        PairHeap heap = new(count);
        for (int i = 0; i < count; i++)
        {
            next[i] = i + 1;
            previous[i] = i - 1;
            if (i < count - 1 && Rank(symbols, i, merges) is int rank and not None) heap.Append(rank, i);
        }

        heap.Order();
        while (heap.TryPop(out int rank, out int left))
        {
            // An entry is stale when its left symbol is gone (-1), or when the pair there is by now another one.
            if (symbols[left] < 0 || next[left] >= count) continue;
            int right = next[left];
            if (!merges.TryGet(symbols[left], symbols[right], out int current, out int merged) || current != rank) continue;
            symbols[left] = merged;
            symbols[right] = -1;
            next[left] = next[right];
            if (next[left] < count)
            {
                previous[next[left]] = left;
                if (merges.TryGet(merged, symbols[next[left]], out int after, out _)) heap.Push(after, left);
            }

            if (previous[left] >= 0 && merges.TryGet(symbols[previous[left]], merged, out int before, out _))
                heap.Push(before, previous[left]);
        }

        int kept = 0;
        for (int i = 0; i < count; i = next[i]) symbols[kept++] = symbols[i];
        heap.Return();
        ArrayPool<int>.Shared.Return(links);
        return kept;
    }

    private static int Rank(ReadOnlySpan<int> symbols, int left, MergeTable merges) =>
        merges.TryGet(symbols[left], symbols[left + 1], out int rank, out _) ? rank : None;
}
