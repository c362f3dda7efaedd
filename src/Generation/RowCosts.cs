namespace Inference.Generation;

/// <summary>What steps without prompts take, by their number of rows; more than maxRows are as maxRows. Few slow steps change little.</summary>
internal sealed class RowCosts(int maxRows)
{
    /// <summary>Samples of which the least counts: the first ones wait for code and weights.</summary>
    private const int FirstSamples = 8;

    /// <summary>How fast a time follows what is measured.</summary>
    private const double Following = 0.05;

    /// <summary>What a row more is thought to cost before that was measured, as a share of all rows: reading weights dominates.</summary>
    private const double UnknownRow = 0.1;

    private readonly double[] _seconds = new double[maxRows + 1];
    private readonly int[] _samples = new int[maxRows + 1];

    public void Learn(int rows, double seconds)
    {
        rows = Math.Min(rows, maxRows);
        ref double known = ref _seconds[rows];
        if (_samples[rows] < FirstSamples)
            known = _samples[rows]++ == 0 ? seconds : Math.Min(known, seconds);
        else
            known += Math.Clamp(seconds - known, -Following * known, Following * known);
    }

    /// <summary>Of the nearest number of rows that is known; null before any.</summary>
    public double? Nearest(int rows)
    {
        (int below, int above) = Known(rows);
        if (below == 0 && above == 0)
            return null;
        return above == 0 || (below > 0 && rows - below <= above - rows) ? _seconds[below] : _seconds[above];
    }

    /// <summary>Between the next known numbers of rows, or a little above the highest; 1 where nothing is known.</summary>
    public double Estimate(int rows)
    {
        (int below, int above) = Known(rows);
        if (below == 0)
            return above == 0 ? 1 : _seconds[above];
        if (above == 0)
            return _seconds[below] * (1 + (UnknownRow * (rows - below) / below));
        return below == above ? _seconds[below] : _seconds[below] + ((_seconds[above] - _seconds[below]) * (rows - below) / (above - below));
    }

    private (int Below, int Above) Known(int rows)
    {
        rows = Math.Min(rows, maxRows);
        int below = rows;
        while (below > 0 && _samples[below] == 0)
            below--;
        int above = rows;
        while (above <= maxRows && _samples[above] == 0)
            above++;
        return (below, above <= maxRows ? above : 0);
    }
}
