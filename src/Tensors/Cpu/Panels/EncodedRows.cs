namespace Inference.Tensors.Cpu.Panels;

/// <summary>Rows of x in groups of as equal size as can be.</summary>
internal sealed unsafe class EncodedRows
{
    private readonly long _offset;
    private readonly long _groupBytes;

    /// <param name="format">How the rows are to be encoded.</param>
    /// <param name="x">The rows, at least one.</param>
    /// <param name="offset">Where they begin in <see cref="Target"/>; a multiple of 64.</param>
    public EncodedRows(ActivationFormat format, Tensor x, long offset)
    {
        Format = format;
        X = x;
        _offset = offset;
        Groups = (x.Rows + format.GroupRows - 1) / format.GroupRows;
        _groupBytes = (format.GroupBytes((x.Rows + Groups - 1) / Groups, x.Columns) + 63) & ~63L;
    }

    /// <summary>The rows, not encoded.</summary>
    public Tensor X { get; }

    /// <summary>How the rows are encoded.</summary>
    public ActivationFormat Format { get; }

    /// <summary>Elements in a row.</summary>
    public int Columns => X.Columns;

    /// <summary>Number of groups.</summary>
    public int Groups { get; }

    /// <summary>Bytes of all groups.</summary>
    public long Bytes => Groups * _groupBytes;

    /// <summary>The memory of all encodings of x.</summary>
    public byte* Target { get; set; }

    /// <summary>First row of a group.</summary>
    public int FirstRow(int group) => Part(X.Rows, Groups, group);

    /// <summary>A group, encoded.</summary>
    public byte* Group(int group) => Target + _offset + (group * _groupBytes);

    /// <summary>Encodes a group.</summary>
    public void Encode(int group)
    {
        int row = FirstRow(group);
        Format.Encode((float*)X.Data + ((long)row * Columns), Columns, FirstRow(group + 1) - row, Columns, Group(group));
    }

    /// <summary>Where part <paramref name="index"/> of <paramref name="parts"/> begins.</summary>
    public static int Part(int count, int parts, int index) => (int)((long)count * index / parts);
}
