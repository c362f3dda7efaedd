namespace Inference.Training.Datasets;

/// <summary>Counts faults and keeps the first ones.</summary>
internal sealed class FaultList(int capacity)
{
    private readonly List<DatasetFault> _first = [];

    /// <summary>The first ones.</summary>
    public IReadOnlyList<DatasetFault> First => _first;

    /// <summary>All of them.</summary>
    public long Count { get; private set; }

    public void Add(long line, string field, string reason)
    {
        Count++;
        if (_first.Count < capacity)
        {
            _first.Add(new DatasetFault(line, field, reason));
        }
    }
}
