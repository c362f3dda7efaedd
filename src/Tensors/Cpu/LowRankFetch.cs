namespace Inference.Tensors.Cpu;

/// <summary>
/// What a worker will read of changes after the product that they belong to: fetched in pieces while it computes that, since products of several
/// rows leave the memory half idle.
/// </summary>
/// <param name="changes">The changes.</param>
/// <param name="first">The first of the worker's own.</param>
/// <param name="last">Behind its last.</param>
internal sealed unsafe class LowRankFetch(LowRankChanges changes, int first, int last)
{
    private const int LineBytes = 64;

    private int _next = first;
    private byte* _position;
    private long _left;

    /// <summary>The next lines to be fetched, or null where nothing is left. Some may lie behind the changes: any memory may be fetched.</summary>
    public byte* Next(int lines)
    {
        if (_left <= 0)
        {
            if (_next >= last)
            {
                return null;
            }

            LowRankParts parts = changes.All[_next++].Parts;
            _left = parts.DataBytes;
            _position = parts.Data;
        }

        byte* start = _position;
        _position += (long)lines * LineBytes;
        _left -= (long)lines * LineBytes;
        return start;
    }
}
