using System.Runtime.InteropServices;

namespace Inference.Tensors.Cpu.Panels;

/// <summary>
/// The panels of one weight, packed for good little by little: fresh memory is dear where a system gives it out slowly
/// (a virtual machine that returns what it does not use: about 1.5 ms a MiB against 0.1), and the first token must not wait
/// for a copy of the whole model. The first product of few rows packs each panel into scratch memory and forgets it, the
/// next ones keep a share each; a product of many rows keeps all. The kernel and its bits are the same either way.
/// Stored rows are given back at once (<see cref="StoredRows"/>), so that both copies take no more memory than one.
/// </summary>
internal sealed unsafe class PanelMatrix : IDisposable
{
    /// <summary>Rows from which a product takes long enough to pack everything at once.</summary>
    private const int ManyRows = 64;

    /// <summary>Products of fewer rows that it takes to pack everything, after the first.</summary>
    private const int Shares = 16;

    private readonly Tensor _weight;
    private readonly StoredRows _stored;
    private readonly bool[] _isPacked;
    private NativePages? _pages;
    private bool _isFirst = true;
    private int _keepEnd;
    private int _missing;

    public PanelMatrix(Tensor weight, PanelFormat format)
    {
        _weight = weight;
        Format = format;
        PanelBytes = format.PanelBytes(weight.Columns);
        Count = (weight.Rows + PanelFormat.Rows - 1) / PanelFormat.Rows;
        _missing = Count;
        _isPacked = new bool[Count];
        _stored = new StoredRows(weight, Count);
    }

    /// <summary>The layout and the kernel.</summary>
    public PanelFormat Format { get; }

    /// <summary>Rows of the weight.</summary>
    public int Rows => _weight.Rows;

    /// <summary>Number of panels.</summary>
    public int Count { get; }

    /// <summary>Bytes of a panel.</summary>
    public long PanelBytes { get; }

    /// <summary>Bytes that packing a panel may need: those of the panel, and those of its rows as they are stored.</summary>
    public long ScratchBytes => PanelBytes + (PanelFormat.Rows * _weight.RowBytes);

    /// <summary>All panels are packed.</summary>
    public bool IsPacked => _missing == 0;

    /// <summary>Decides which panels the next product keeps. To be called before it, by one thread.</summary>
    /// <param name="rows">Rows of the product.</param>
    public void Begin(int rows)
    {
        ObjectDisposedException.ThrowIf(_missing < 0, this);
        if (IsPacked)
        {
            return;
        }

        if (rows >= ManyRows)
        {
            _keepEnd = Count;
        }
        else if (!_isFirst)
        {
            _keepEnd = Math.Min(Count, _keepEnd + ((Count + Shares - 1) / Shares));
        }

        _isFirst = false;
        _stored.Begin(_isPacked);
        if (_keepEnd > 0)
        {
            _pages ??= new NativePages(Count * PanelBytes);
        }
    }

    /// <summary>A panel. Threads may ask for different panels at once; for the same one only when all are packed.</summary>
    /// <param name="index">Its number.</param>
    /// <param name="scratch"><see cref="ScratchBytes"/> aligned to 64: where the panel is packed if it is not to be kept, and behind it the stored rows.</param>
    public byte* Panel(int index, byte* scratch)
    {
        if (_isPacked[index])
        {
            return _pages!.Data + (index * PanelBytes);
        }

        Require.Alive(_weight);
        bool keep = index < _keepEnd;
        byte* panel = keep ? _pages!.Data + (index * PanelBytes) : scratch;
        if (!keep && !Format.PacksAllBytes)
        {
            NativeMemory.Clear(scratch, (nuint)PanelBytes);
        }

        int first = index * PanelFormat.Rows, rows = Math.Min(PanelFormat.Rows, _weight.Rows - first);
        Format.Pack(_stored.Rows(index, scratch + PanelBytes), _weight.RowBytes, rows, _weight.Columns, panel, keep);
        _stored.Done(index);
        if (keep)
        {
            _isPacked[index] = true;
            Interlocked.Decrement(ref _missing);
        }

        return panel;
    }

    /// <summary>What is read of a panel, and may be fetched ahead: the panel, or the rows that it will be packed from; or null.</summary>
    public byte* Ahead(int index) => index < Count && _isPacked[index] ? _pages!.Data + (index * PanelBytes) : _stored.Ahead(index);

    public void Dispose()
    {
        _missing = -1;
        _pages?.Dispose();
        _pages = null;
    }
}
