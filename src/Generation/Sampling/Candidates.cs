namespace Inference.Generation.Sampling;

/// <summary>
/// The tokens that a choice is made from, with their logits after temperature. Filters keep some of them; each acts on
/// the renormalised rest that the one before it left. Made for one vocabulary and reused: not thread-safe.
/// </summary>
internal sealed class Candidates(int vocabularySize)
{
    private readonly float[] _logits = new float[vocabularySize];
    private readonly float[] _weights = new float[vocabularySize];
    private readonly float[] _keys = new float[vocabularySize];
    private readonly int[] _ids = new int[vocabularySize];
    private readonly int[] _every = [.. Enumerable.Range(0, vocabularySize)];
    private readonly int[] _order = new int[vocabularySize];
    private bool _isSorted;

    /// <summary>Candidates left.</summary>
    public int Count { get; private set; }

    /// <summary>Their ids.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    /// <summary>Begins with all tokens: logits divided by the temperature (greater than 0), less the largest.</summary>
    public void Reset(ReadOnlySpan<float> logits, float temperature)
    {
        Count = logits.Length;
        _isSorted = false;
        LogitMath.Scale(logits, LogitMath.Max(logits), temperature, _logits);
        _every.CopyTo(_ids, 0);
    }

    /// <summary>Keeps the k best.</summary>
    public void KeepTopK(int k)
    {
        if (k > 0 && k < Count)
            KeepBest(_logits, k, sorted: true);
    }

    /// <summary>
    /// Keeps the tokens whose information is nearest to the expected one, of at least this probability together
    /// (Meister et al., "Locally Typical Sampling", 2022).
    /// </summary>
    public void KeepTypical(float probability)
    {
        if (probability >= 1)
            return;
        double total = Weigh();
        double mean = 0;
        for (int i = 0; i < Count; i++)
            mean += _weights[i] > 0 ? (double)_weights[i] * _logits[i] : 0;
        mean /= total;
        LogitMath.Nearness(_logits.AsSpan(0, Count), (float)mean, _keys);
        KeepMass(_keys, probability, total, sorted: false);
    }

    /// <summary>Keeps the smallest set of best tokens of at least this probability (Holtzman et al. 2020).</summary>
    public void KeepTopP(float probability)
    {
        if (probability < 1)
            KeepMass(_logits, probability, Weigh(), sorted: true);
    }

    /// <summary>Keeps the tokens of at least this probability relative to the best one's (Nguyen et al. 2024).</summary>
    public void KeepMinP(float relative)
    {
        if (relative <= 0)
            return;
        float least = LogitMath.Max(_logits.AsSpan(0, Count)) + MathF.Log(relative);
        KeepWhere(_logits, least, float.PositiveInfinity);
    }

    /// <summary>The token at the share <paramref name="uniform"/> in [0, 1) of the probability.</summary>
    public int Draw(double uniform)
    {
        double left = uniform * Weigh();
        int first = 0;
        while (first + 1024 < Count && LogitMath.Sum(_weights.AsSpan(first, 1024)) is double block && block <= left)
        {
            left -= block;
            first += 1024;
        }

        int chosen = -1;
        for (int i = first; i < Count && (chosen < 0 || left >= 0); i++)
        {
            left -= _weights[i];
            if (_weights[i] > 0)
                chosen = i;
        }

        return chosen >= 0 ? _ids[chosen] : _ids[LogitMath.ArgMax(_logits.AsSpan(0, Count))];
    }

    private double Weigh()
    {
        Span<float> weights = _weights.AsSpan(0, Count);
        LogitMath.Exp(_logits.AsSpan(0, Count), LogitMath.Max(_logits.AsSpan(0, Count)), 1, weights);
        return LogitMath.Sum(weights);
    }

    /// <summary>Keeps the best by key until their weights reach a share of the total.</summary>
    private void KeepMass(float[] keys, float probability, double total, bool sorted)
    {
        // The share is nearly always reached by few; a flat distribution is cut at a limit instead of sorted.
        foreach (int tried in (ReadOnlySpan<int>)[Math.Min(64, Count), Math.Min(1024, Count)])
        {
            OrderBest(keys, tried);
            double mass = 0;
            for (int kept = 0; kept < tried;)
            {
                mass += _weights[_order[kept++]];
                if (mass >= probability * total || kept == Count)
                {
                    Gather(kept, sorted);
                    return;
                }
            }
        }

        float limit = LimitOfMass(keys, probability * total);
        double above = LogitMath.SumWhereAtLeast(_weights.AsSpan(0, Count), keys.AsSpan(0, Count), MathF.BitIncrement(limit));
        KeepWhere(keys, limit, (probability * total) - above);
    }

    /// <summary>The highest limit at which the keys that reach it have this mass, by bisection of the floats in order.</summary>
    private float LimitOfMass(ReadOnlySpan<float> keys, double mass)
    {
        (int low, int high) = (BestFirst.Ordered(float.NegativeInfinity), BestFirst.Ordered(float.PositiveInfinity));
        while (low < high)
        {
            int middle = (int)(((long)low + high + 1) >> 1);
            if (LogitMath.SumWhereAtLeast(_weights.AsSpan(0, Count), keys[..Count], BestFirst.Float(middle)) >= mass)
                low = middle;
            else
                high = middle - 1;
        }

        return BestFirst.Float(low);
    }

    /// <summary>Keeps what is above the limit, and of what equals it the first that together have a mass.</summary>
    private void KeepWhere(float[] keys, float limit, double massAtLimit)
    {
        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            if (keys[i] < limit || (keys[i] == limit && massAtLimit <= 0))
                continue;
            if (keys[i] == limit)
                massAtLimit -= _weights[i];
            (_logits[kept], _ids[kept]) = (_logits[i], _ids[i]);
            kept++;
        }

        Count = kept;
    }

    private void KeepBest(float[] keys, int count, bool sorted)
    {
        OrderBest(keys, count);
        Gather(count, sorted);
    }

    private void OrderBest(float[] keys, int count)
    {
        if (_isSorted && keys == _logits)
        {
            for (int i = 0; i < count; i++)
                _order[i] = i;
        }
        else
        {
            BestFirst.Select(keys.AsSpan(0, Count), _order.AsSpan(0, count));
        }
    }

    private void Gather(int count, bool sorted)
    {
        int[] ids = new int[count];
        float[] logits = new float[count];
        for (int i = 0; i < count; i++)
            (ids[i], logits[i]) = (_ids[_order[i]], _logits[_order[i]]);
        ids.CopyTo(_ids, 0);
        logits.CopyTo(_logits, 0);
        Count = count;
        _isSorted = sorted;
    }
}
