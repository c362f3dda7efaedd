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
    private readonly int[] _order = new int[vocabularySize];
    private bool _isSorted;
    private bool _isWhole;
    private double? _total;

    /// <summary>Candidates left.</summary>
    public int Count { get; private set; }

    /// <summary>Their ids.</summary>
    public IEnumerable<int> Ids => Enumerable.Range(0, Count).Select(Id);

    /// <summary>Begins with all tokens.</summary>
    /// <param name="logits">One row.</param>
    /// <param name="max">The largest of them, taken off.</param>
    /// <param name="temperature">Divides them; greater than 0.</param>
    public void Reset(ReadOnlySpan<float> logits, float max, float temperature)
    {
        Count = logits.Length;
        (_isSorted, _isWhole) = (false, true);
        _total = LogitMath.ScaleAndExp(logits, max, temperature, _logits, _weights);
    }

    /// <summary>Begins with the k best tokens; k is from 1 to the number of logits.</summary>
    public void ResetToBest(ReadOnlySpan<float> logits, float max, float temperature, int k)
    {
        Span<int> best = _ids.AsSpan(0, k);
        BestFirst.Select(logits, best);
        for (int i = 0; i < k; i++)
            _logits[i] = (logits[best[i]] - max) / temperature;
        Count = k;
        (_isSorted, _isWhole, _total) = (true, false, null);
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

        return Id(chosen >= 0 ? chosen : LogitMath.ArgMax(_logits.AsSpan(0, Count)));
    }

    private int Id(int candidate) => _isWhole ? candidate : _ids[candidate];

    private double Weigh()
    {
        if (_total is { } known)
            return known;
        Span<float> weights = _weights.AsSpan(0, Count);
        LogitMath.Exp(_logits.AsSpan(0, Count), LogitMath.Max(_logits.AsSpan(0, Count)), 1, weights);
        _total = LogitMath.Sum(weights);
        return _total.Value;
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

            // The next group of as many has no more mass than this one.
            if (mass * (1024 / 64) < probability * total && Count > 1024)
                break;
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
            (_logits[kept], _ids[kept]) = (_logits[i], Id(i));
            kept++;
        }

        Count = kept;
        (_isWhole, _total) = (false, null);
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
            (ids[i], logits[i]) = (Id(_order[i]), _logits[_order[i]]);
        ids.CopyTo(_ids, 0);
        logits.CopyTo(_logits, 0);
        Count = count;
        (_isSorted, _isWhole, _total) = (sorted, false, null);
    }
}
