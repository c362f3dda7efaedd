using System.Buffers;
using System.Runtime.ExceptionServices;
using Inference.Tensors;

namespace Inference.Models.Weights;

/// <summary>A tensor to be written, produced row by row, so that a file may be larger than memory.</summary>
public sealed class TensorSource
{
    private const long ChunkBytes = 8 << 20;

    private readonly Action<int, Tensor, int> _encodeRow;
    private readonly int _rows;
    private readonly int _columns;

    private TensorSource(string name, DType type, int[] shape, Action<int, Tensor, int> encodeRow)
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
            ? new TensorSource(name, type, shape, (row, stored, at) => tensor.Slice(row, 1).Bytes.CopyTo(stored.Slice(at, 1).Bytes))
            : new TensorSource(name, type, shape, (row, stored, at) => stored.WriteRow(at, tensor.ReadRow(row)));
    }

    /// <summary>
    /// Numbers computed a row at a time. <paramref name="fill"/> sets every element of row i (the innermost dimension); it is
    /// called by several threads at once, in any order.
    /// </summary>
    public static TensorSource FromRows(string name, DType type, int[] shape, Action<int, Span<float>> fill)
    {
        int columns = shape.Length == 0 ? 1 : shape[^1];
        return new TensorSource(name, type, shape, (row, stored, at) =>
        {
            float[] rented = ArrayPool<float>.Shared.Rent(columns);
            Span<float> values = rented.AsSpan(0, columns);
            fill(row, values);
            stored.WriteRow(at, values);
            ArrayPool<float>.Shared.Return(rented);
        });
    }

    /// <summary>Writes all rows, a chunk at a time; the rows of a chunk are made on all processors.</summary>
    internal void WriteTo(Stream stream)
    {
        int chunkRows = (int)Math.Clamp(ChunkBytes / Math.Max(1, Type.RowBytes(_columns)), 1, Math.Max(1, _rows));
        using Tensor stored = Tensor.Allocate(chunkRows, _columns, Type);
        for (int first = 0; first < _rows; first += chunkRows)
        {
            int count = Math.Min(chunkRows, _rows - first);
            Encode(first, count, stored);
            stream.Write(stored.Bytes[..(int)(count * stored.RowBytes)]);
        }
    }

    private void Encode(int first, int count, Tensor stored)
    {
        try
        {
            Parallel.For(0, count, i => _encodeRow(first + i, stored, i));
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }
}
