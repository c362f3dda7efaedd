namespace Inference.Tensors.Cpu;

/// <summary>Addresses of four rows of a weight.</summary>
internal readonly unsafe struct WeightRows
{
    public readonly byte* Row0;
    public readonly byte* Row1;
    public readonly byte* Row2;
    public readonly byte* Row3;

    /// <summary>Rows first to first + 3; where the weight ends before, its last row again.</summary>
    public WeightRows(byte* data, long rowBytes, int first, int rows)
    {
        Row0 = data + (first * rowBytes);
        Row1 = data + (Math.Min(first + 1, rows - 1) * rowBytes);
        Row2 = data + (Math.Min(first + 2, rows - 1) * rowBytes);
        Row3 = data + (Math.Min(first + 3, rows - 1) * rowBytes);
    }

    public WeightRows(byte* row0, byte* row1, byte* row2, byte* row3)
    {
        Row0 = row0;
        Row1 = row1;
        Row2 = row2;
        Row3 = row3;
    }
}
