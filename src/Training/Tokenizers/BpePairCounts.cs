using System.Runtime.InteropServices;

namespace Inference.Training.Tokenizers;

/// <summary>Counts of adjacent pairs over all pieces, kept up to date as pairs are merged: only pieces that hold the pair are visited.</summary>
internal sealed class BpePairCounts
{
    private readonly List<(List<int> Symbols, long Count)> _pieces = [];
    private readonly Dictionary<(int Left, int Right), long> _counts = [];
    private readonly Dictionary<(int Left, int Right), HashSet<int>> _where = [];
    private readonly PriorityQueue<((int Left, int Right) Pair, long Count), (long NegativeCount, int Left, int Right)> _queue = new();
    private readonly HashSet<(int Left, int Right)> _changed = [];

    public BpePairCounts(IEnumerable<(int[] Symbols, long Count)> pieces)
    {
        foreach ((int[] symbols, long count) in pieces)
        {
            _pieces.Add(([.. symbols], count));
            for (int i = 1; i < symbols.Length; i++)
            {
                Add((symbols[i - 1], symbols[i]), count, _pieces.Count - 1);
            }
        }

        EnqueueChanged();
    }

    /// <summary>The most frequent pair, lowest ids first among equals; null when none occurs twice.</summary>
    public (int Left, int Right)? TakeMostFrequent()
    {
        while (_queue.TryDequeue(out ((int, int) Pair, long Count) top, out _))
        {
            if (top.Count >= 2 && _counts.GetValueOrDefault(top.Pair) == top.Count)
            {
                return top.Pair;
            }
        }

        return null;
    }

    /// <summary>Replaces the pair by <paramref name="merged"/> in every piece.</summary>
    public void Merge((int Left, int Right) pair, int merged)
    {
        foreach (int index in _where[pair])
        {
            (List<int> symbols, long count) = _pieces[index];
            for (int i = 0; i + 1 < symbols.Count; i++)
            {
                if (symbols[i] != pair.Left || symbols[i + 1] != pair.Right)
                {
                    continue;
                }

                if (i > 0)
                {
                    Add((symbols[i - 1], pair.Left), -count, index);
                    Add((symbols[i - 1], merged), count, index);
                }

                if (i + 2 < symbols.Count)
                {
                    Add((pair.Right, symbols[i + 2]), -count, index);
                    Add((merged, symbols[i + 2]), count, index);
                }

                symbols[i] = merged;
                symbols.RemoveAt(i + 1);
            }
        }

        _counts.Remove(pair);
        _where.Remove(pair);
        _changed.Remove(pair);
        EnqueueChanged();
    }

    private void Add((int, int) pair, long count, int piece)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, pair, out _) += count;
        _changed.Add(pair);
        if (count > 0)
        {
            (CollectionsMarshal.GetValueRefOrAddDefault(_where, pair, out _) ??= []).Add(piece);
        }
    }

    private void EnqueueChanged()
    {
        foreach ((int Left, int Right) pair in _changed)
        {
            long count = _counts[pair];
            _queue.Enqueue((pair, count), (-count, pair.Left, pair.Right));
        }

        _changed.Clear();
    }
}
