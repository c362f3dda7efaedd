using System.Runtime.InteropServices;

namespace Inference.Tensors;

/// <summary>
/// A dense, row-major, two-dimensional array in native memory: activations [rows, columns] in F32, or weights
/// [out, in] in any <see cref="DType"/>. A vector is one row. Memory is owned (allocated here or by a backend, freed by
/// <see cref="Dispose"/>) or borrowed (a memory-mapped file, a slice); a borrowed tensor keeps its owner alive. There is no
/// finalizer: it would free memory under a kernel, or under a reader of <see cref="Span"/>, that holds only the address.
/// Numbers in the memory of a device are for operations only; the host reads and writes them through <see cref="HostAccess"/>.
/// </summary>
public sealed unsafe class Tensor : IDisposable
{
    private const int Alignment = 64;

    private readonly object? _owner;
    private readonly IDisposable? _memory;
    private nint _allocation;

    private Tensor(DType type, int rows, int columns, nint data, nint allocation, object? owner, string? device = null, IDisposable? memory = null)
    {
        Type = type;
        Rows = rows;
        Columns = columns;
        RowBytes = type.RowBytes(columns);
        Data = data;
        _allocation = allocation;
        _owner = owner;
        _memory = memory;
        Device = device;
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

    /// <summary>The device whose memory it is, as its backend names it; null for the host's.</summary>
    public string? Device { get; }

    /// <summary>Address of the first element, in the memory of <see cref="Device"/>. Valid until the tensor, or its owner, is disposed of.</summary>
    public nint Data { get; private set; }

    /// <summary>Where borrowed memory came from, if it can be read again.</summary>
    internal IRereadable? Source
    {
        get
        {
            object? owner = _owner;
            while (owner is Tensor parent)
            {
                owner = parent._owner;
            }

            return owner as IRereadable;
        }
    }

    /// <summary>All elements of an F32 tensor.</summary>
    /// <exception cref="InvalidOperationException">The tensor is not F32, or not in the host's memory.</exception>
    public Span<float> Span => new((void*)Float(), checked(Rows * Columns));

    /// <summary>All stored bytes, of any format.</summary>
    /// <exception cref="InvalidOperationException">The tensor is not in the host's memory.</exception>
    public Span<byte> Bytes => new((void*)Host(), checked((int)ByteLength));

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

    /// <summary>A tensor in the memory of a device, which a backend allocated.</summary>
    /// <param name="device">The device, in messages.</param>
    /// <param name="type">Number format.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Elements in a row.</param>
    /// <param name="data">Address of the first element, of that device.</param>
    /// <param name="memory">The memory, disposed of with the tensor.</param>
    public static Tensor OnDevice(string device, DType type, int rows, int columns, nint data, IDisposable memory) =>
        new(type, rows, columns, data, 0, null, device, memory);

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
        return new Tensor(Type, count, Columns, Data + (nint)(first * RowBytes), 0, this, Device);
    }

    /// <summary>The same numbers as [rows, columns], over the same memory: heads as rows, for a norm by head.</summary>
    /// <exception cref="ArgumentException">The number of elements differs.</exception>
    public Tensor Reshape(int rows, int columns) =>
        (long)rows * columns == (long)Rows * Columns
            ? new Tensor(Type, rows, columns, Data, 0, this, Device)
            : throw new ArgumentException($"{this} has no view as [{rows}, {columns}]", nameof(columns));

    /// <summary>Sets every stored byte to zero.</summary>
    /// <exception cref="InvalidOperationException">The tensor is not in the host's memory: see <see cref="IBackend.Clear"/>.</exception>
    public void Clear() => NativeMemory.Clear((void*)Host(), (nuint)ByteLength);

    /// <summary>Copies every stored byte of a tensor of the same shape and format; nothing where it is the same memory.</summary>
    /// <exception cref="ArgumentException">Shape or format differ.</exception>
    /// <exception cref="InvalidOperationException">One is not in the host's memory: see <see cref="IBackend.Copy"/>.</exception>
    public void CopyFrom(Tensor source)
    {
        Require.SameForm(this, source);
        nint from = source.Host(), to = Host();
        if (from != to)
        {
            NativeMemory.Copy((void*)from, (void*)to, (nuint)ByteLength);
        }
    }

    /// <summary>Copies stored rows from where they came, if borrowed memory can be read again (<see cref="IRereadable"/>); otherwise copies nothing.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="target">Whole rows.</param>
    /// <returns>Whether they were copied.</returns>
    /// <exception cref="IOException">They cannot be read any more.</exception>
    public bool TryReread(int first, Span<byte> target)
    {
        if (Source is not { } source)
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

        if (_memory is not null)
        {
            _memory.Dispose();
            Data = 0;
        }
    }

    /// <summary>The address, for the host.</summary>
    internal nint Host() => Device is null
        ? Data : throw new InvalidOperationException($"{this} is in the memory of {Device}, which the host does not reach: see {nameof(HostAccess)}");

    private nint Float() => Type == DType.F32 ? Host() : throw new InvalidOperationException($"{this} is not F32");
}
