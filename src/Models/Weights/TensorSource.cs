using Inference.Tensors;

namespace Inference.Models.Weights;

/// <summary>A tensor to be written, produced row by row, so that a file may be larger than memory.</summary>
public sealed class TensorSource
{
    private readonly Action<int, Tensor> _encodeRow;
    private readonly int _rows;
    private readonly int _columns;

    private TensorSource(string name, DType type, int[] shape, Action<int, Tensor> encodeRow)
    {
        Name = name;
        Type = type;
        Shape = shape;
        _columns = shape.Length == 0 ? 1 : shape[^1];
        _rows = shape.SkipLast(1).Aggregate(1, (product, n) => checked(product * n));
        _encodeRow = encodeRow;
        ByteLength = type.RowBytes(_columns) * _rows;
    }

    /// <summary>Name in the file.</summary>
    public string Name { get; }

    /// <summary>Number format in the file.</summary>
    public DType Type { get; }

    /// <summary>Dimensions, outermost first.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Bytes in the file.</summary>
    public long ByteLength { get; }

    /// <summary>The numbers of a tensor, converted to <paramref name="type"/> where that differs from its own.</summary>
    /// <param name="name">Name in the file.</param>
    /// <param name="tensor">The numbers; read when the file is written.</param>
    /// <param name="type">Number format in the file.</param>
    /// <param name="shape">Dimensions; left out: [rows, columns].</param>
    /// <exception cref="ArgumentException">The shape has another number of elements, or rows do not divide into blocks.</exception>
    public static TensorSource FromTensor(string name, Tensor tensor, DType type, params int[] shape)
    {
        shape = shape.Length == 0 ? [tensor.Rows, tensor.Columns] : shape;
        if (shape[^1] != tensor.Columns || shape.SkipLast(1).Aggregate(1L, (product, n) => product * n) != tensor.Rows)
        {
            throw new ArgumentException($"the shape [{string.Join(", ", shape)}] of '{name}' does not fit {tensor}", nameof(shape));
        }

        return type == tensor.Type
            ? new TensorSource(name, type, shape, (row, stored) => tensor.Slice(row, 1).Bytes.CopyTo(stored.Bytes))
            : new TensorSource(name, type, shape, (row, stored) => stored.WriteRow(0, tensor.ReadRow(row)));
    }

    /// <summary>Numbers computed a row at a time. <paramref name="fill"/> sets every element of row i (the innermost dimension).</summary>
    public static TensorSource FromRows(string name, DType type, int[] shape, Action<int, Span<float>> fill)
    {
        float[] values = new float[shape.Length == 0 ? 1 : shape[^1]];
        return new TensorSource(name, type, shape, (row, stored) =>
        {
            fill(row, values);
            stored.WriteRow(0, values);
        });
    }

    /// <summary>Writes all rows.</summary>
    internal void WriteTo(Stream stream)
    {
        using Tensor stored = Tensor.Allocate(1, _columns, Type);
        for (int row = 0; row < _rows; row++)
        {
            _encodeRow(row, stored);
            stream.Write(stored.Bytes);
        }
    }
}
