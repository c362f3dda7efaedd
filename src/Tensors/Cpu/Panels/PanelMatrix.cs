namespace Inference.Tensors.Cpu.Panels;

/// <summary>
/// The panels of one weight. Each is packed when it is first asked for; after the last one the pages of the stored weight
/// are given back, so that both copies together take little more memory than one.
/// </summary>
internal sealed unsafe class PanelMatrix : IDisposable
{
    private readonly Tensor _weight;
    private readonly bool[] _isPacked;
    private NativePages? _pages;
    private int _missing;

    public PanelMatrix(Tensor weight, PanelFormat format)
    {
        _weight = weight;
        Format = format;
        PanelBytes = format.PanelBytes(weight.Columns);
        Count = (weight.Rows + PanelFormat.Rows - 1) / PanelFormat.Rows;
        _missing = Count;
        _isPacked = new bool[Count];
    }

    /// <summary>The layout and the kernel.</summary>
    public PanelFormat Format { get; }

    /// <summary>Rows of the weight.</summary>
    public int Rows => _weight.Rows;

    /// <summary>Number of panels.</summary>
    public int Count { get; }

    /// <summary>Bytes of a panel.</summary>
    public long PanelBytes { get; }

    /// <summary>All panels are packed.</summary>
    public bool IsPacked => _missing == 0;

    /// <summary>Makes room. To be called before <see cref="Panel"/>, by one thread.</summary>
    public void Reserve()
    {
        ObjectDisposedException.ThrowIf(_missing < 0, this);
        _pages ??= new NativePages(Count * PanelBytes);
    }

    /// <summary>A panel, packed now if it was not. Threads may ask for different panels at once; for the same one only when all are packed.</summary>
    public byte* Panel(int index)
    {
        byte* panel = _pages!.Data + (index * PanelBytes);
        if (!_isPacked[index])
        {
            int first = index * PanelFormat.Rows;
            Require.Alive(_weight);
            Format.Pack(
                (byte*)_weight.Data + (first * _weight.RowBytes), _weight.RowBytes, Math.Min(PanelFormat.Rows, _weight.Rows - first),
                _weight.Columns, panel);
            _isPacked[index] = true;
            if (Interlocked.Decrement(ref _missing) == 0)
            {
                _weight.ReleasePages();
            }
        }

        return panel;
    }

    public void Dispose()
    {
        _missing = -1;
        _pages?.Dispose();
        _pages = null;
    }
}
