using System.Runtime.InteropServices;

namespace Inference.Tensors;

/// <summary>
/// A dense, row-major, two-dimensional array in native memory: activations [rows, columns] in F32, or weights
/// [out, in] in any <see cref="DType"/>. A vector is one row. Memory is owned (allocated here, freed by
/// <see cref="Dispose"/>) or borrowed (a memory-mapped file, a slice); a borrowed tensor keeps its owner alive. There is no
/// finalizer: it would free memory under a kernel, or under a reader of <see cref="Span"/>, that holds only the address.
/// </summary>
public sealed unsafe class Tensor : IDisposable
{
    private const int Alignment = 64;

    private readonly object? _owner;
    private nint _allocation;

    private Tensor(DType type, int rows, int columns, nint data, nint allocation, object? owner)
    {
        Type = type;
        Rows = rows;
        Columns = columns;
        RowBytes = type.RowBytes(columns);
        Data = data;
        _allocation = allocation;
        _owner = owner;
    }

    /// <summary>The number format.</summary>
    public DType Type { get; }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Elements in a row.</summary>
    public int Columns { get; }

    /// <summary>Bytes of a row.</summary>
    public long RowBytes { get; }

    /// <summary>Bytes of all rows.</summary>
    public long ByteLength => RowBytes * Rows;

    /// <summary>Address of the first element. Valid until the tensor, or its owner, is disposed of.</summary>
    public nint Data { get; private set; }

    /// <summary>All elements of an F32 tensor.</summary>
    /// <exception cref="InvalidOperationException">The tensor is not F32.</exception>
    public Span<float> Span => new((void*)Float(), checked(Rows * Columns));

    /// <summary>All stored bytes, of any format.</summary>
    public Span<byte> Bytes => new((void*)Data, checked((int)ByteLength));

    /// <summary>
    /// Allocates a zeroed tensor, aligned to 64 bytes. The system's zero pages are not touched: a large cache takes physical
    /// memory only as it is filled.
    /// </summary>
    public static Tensor Allocate(int rows, int columns, DType type = DType.F32)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        nuint bytes = (nuint)(type.RowBytes(columns) * rows);
        nint memory = (nint)NativeMemory.AllocZeroed(bytes + Alignment);
        return new Tensor(type, rows, columns, (memory + Alignment - 1) & -Alignment, memory, null);
    }

    /// <summary>A tensor over memory that <paramref name="owner"/> keeps alive.</summary>
    public static Tensor Borrow(DType type, int rows, int columns, nint data, object? owner) => new(type, rows, columns, data, 0, owner);

    /// <summary>An F32 tensor with a copy of <paramref name="values"/>.</summary>
    public static Tensor From(int rows, int columns, ReadOnlySpan<float> values)
    {
        Tensor tensor = Allocate(rows, columns);
        values.CopyTo(tensor.Span);
        return tensor;
    }

    /// <summary>Row <paramref name="row"/> of an F32 tensor.</summary>
    public Span<float> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows);
        return new((float*)Float() + ((long)row * Columns), Columns);
    }

    /// <summary>Rows [first, first + count) as a tensor over the same memory.</summary>
    public Tensor Slice(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first + count, Rows);
        return new Tensor(Type, count, Columns, Data + (nint)(first * RowBytes), 0, this);
    }

    /// <summary>The same numbers as [rows, columns], over the same memory: heads as rows, for a norm by head.</summary>
    /// <exception cref="ArgumentException">The number of elements differs.</exception>
    public Tensor Reshape(int rows, int columns) =>
        (long)rows * columns == (long)Rows * Columns
            ? new Tensor(Type, rows, columns, Data, 0, this)
            : throw new ArgumentException($"{this} has no view as [{rows}, {columns}]", nameof(columns));

    /// <summary>Sets every stored byte to zero.</summary>
    public void Clear() => NativeMemory.Clear((void*)Data, (nuint)ByteLength);

    /// <summary>Copies stored rows from where they came, if borrowed memory can be read again (<see cref="IRereadable"/>); otherwise copies nothing.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="target">Whole rows.</param>
    /// <returns>Whether they were copied.</returns>
    /// <exception cref="IOException">They cannot be read any more.</exception>
    public bool TryReread(int first, Span<byte> target)
    {
        object? owner = _owner;
        while (owner is Tensor parent)
        {
            owner = parent._owner;
        }

        if (owner is not IRereadable source)
        {
            return false;
        }

        source.Read(Data + (nint)(first * RowBytes), target);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Type}[{Rows}, {Columns}]";

    /// <inheritdoc/>
    public void Dispose()
    {
        nint allocation = Interlocked.Exchange(ref _allocation, 0);
        if (allocation != 0)
        {
            NativeMemory.Free((void*)allocation);
            Data = 0;
        }
    }

    private nint Float() => Type == DType.F32 ? Data : throw new InvalidOperationException($"{this} is not F32");
}
