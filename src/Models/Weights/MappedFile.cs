using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Inference.Tensors;
using Microsoft.Win32.SafeHandles;

namespace Inference.Models.Weights;

/// <summary>A whole file mapped for reading. The owner of the tensors that borrow from it.</summary>
internal sealed unsafe partial class MappedFile : IDisposable, IRereadable
{
    private const int AdviseDontNeed = 4, AdvisePopulateRead = 22;

    private readonly SafeFileHandle _handle;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _data;

    public MappedFile(string path)
    {
        FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        Path = path;
        Length = stream.Length;
        if (Length == 0)
        {
            stream.Dispose();
            throw new ModelFormatException(path, "the file is empty");
        }

        _handle = stream.SafeFileHandle;
        _file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _data);
    }

    public string Path { get; }

    public long Length { get; }

    /// <summary>Address of the first byte.</summary>
    public byte* Data => _data is null ? throw new ObjectDisposedException(Path) : _data;

    /// <summary>The tensor that <paramref name="info"/> describes, whose range is known to lie inside the file.</summary>
    public Tensor Borrow(TensorInfo info)
    {
        DType type = info.Type ?? throw new ModelFormatException(
            Path, $"tensor '{info.Name}' is {info.StoredType}, which is not supported (supported: {string.Join(", ", Enum.GetNames<DType>())})");
        long columns = info.Shape.Count == 0 ? 1 : info.Shape[^1];
        long rows = info.Shape.SkipLast(1).Aggregate(1L, (product, n) => product * n);
        return rows <= int.MaxValue && columns <= int.MaxValue
            ? Tensor.Borrow(type, (int)rows, (int)columns, (nint)(Data + info.Offset), this)
            : throw new ModelFormatException(Path, $"tensor '{info.Name}' is {info}; dimensions are limited to {int.MaxValue}");
    }

    /// <inheritdoc/>
    public void Read(nint data, Span<byte> target)
    {
        for (long offset = data - (nint)Data; !target.IsEmpty;)
        {
            int count = RandomAccess.Read(_handle, target, offset);
            if (count == 0)
            {
                throw new IOException($"{Path}: the file ends at {offset}; it had {Length} bytes when it was opened");
            }

            target = target[count..];
            offset += count;
        }
    }

    /// <inheritdoc/>
    public bool TryBring(nint data, long length)
    {
        nint page = Environment.SystemPageSize, first = data & -page;
        return OperatingSystem.IsLinux() && Advise(first, (nuint)(data + length - first), AdvisePopulateRead) == 0;
    }

    /// <inheritdoc/>
    public void GiveBack(nint data, long length)
    {
        nint page = Environment.SystemPageSize, first = (data + page - 1) & -page, last = (nint)(data + length) & -page;
        if (OperatingSystem.IsLinux() && first < last)
        {
            _ = Advise(first, (nuint)(last - first), AdviseDontNeed); // A wish: pages that stay are shared with the system's cache.
        }
    }

    public void Dispose()
    {
        if (_data is not null)
        {
            _data = null;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
