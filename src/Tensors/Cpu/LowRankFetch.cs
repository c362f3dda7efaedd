namespace Inference.Tensors.Cpu;

/// <summary>
/// What a worker will read of changes after the product that they belong to: fetched in pieces while it computes that, since products of several
/// rows leave the memory half idle.
/// </summary>
/// <param name="runs">The changes.</param>
/// <param name="first">The first of the worker's own.</param>
/// <param name="last">Behind its last.</param>
internal sealed unsafe class LowRankFetch(LowRankRun[] runs, int first, int last)
{
    private const int LineBytes = 64;

    private int _run = first;
    private int _part = -1;
    private byte* _position;
    private long _left;

    /// <summary>The next lines to be fetched, or null where nothing is left. Some may lie behind the changes: any memory may be fetched.</summary>
    public byte* Next(int lines)
    {
        while (_left <= 0)
        {
            if (_run >= last)
            {
                return null;
            }

            ReadOnlySpan<LowRankWeight?> weights = runs[_run].Weights.Span;
            if (++_part >= weights.Length)
            {
                (_run, _part) = (_run + 1, -1);
            }
            else if (weights[_part] is { } weight)
            {
                // What an earlier piece reached into is not fetched again.
                byte* end = weight.Data + weight.DataBytes;
                _position = _position > weight.Data && _position <= end ? _position : weight.Data;
                _left = end - _position;
            }
        }

        byte* start = _position;
        _position += (long)lines * LineBytes;
        _left -= (long)lines * LineBytes;
        return start;
    }
}
