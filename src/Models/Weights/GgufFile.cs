using System.Numerics;
using Inference.Tensors;

namespace Inference.Models.Weights;

/// <summary>
/// A GGUF file of version 3, memory-mapped: metadata, tensor descriptions, aligned data
/// (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). Everything in the header is checked before anything is used.
/// </summary>
public sealed class GgufFile : ICheckpoint
{
    internal const uint Magic = 0x46554747;
    internal const uint Version = 3;
    internal const int DefaultAlignment = 32;
    internal const string AlignmentKey = "general.alignment";
    private const int MaxDimensions = 4;

    private readonly MappedFile _map;
    private readonly Dictionary<string, TensorInfo> _tensors = [];

    private GgufFile(MappedFile map)
    {
        _map = map;
        GgufCursor cursor = new(map);
        if (cursor.UInt32("the magic number") != Magic)
        {
            throw new ModelFormatException(Path, "the file does not begin with GGUF");
        }

        uint version = cursor.UInt32("the version");
        if (version != Version)
        {
            throw new ModelFormatException(Path, $"GGUF version {version} is not supported (supported: {Version}, little-endian)");
        }

        int tensorCount = cursor.Count("the tensor count", leastBytes: 24);
        int valueCount = cursor.Count("the metadata count", leastBytes: 13);
        Metadata = ReadMetadata(cursor, valueCount);
        ReadTensors(cursor, tensorCount, Alignment());
    }

    /// <inheritdoc/>
    public string Path => _map.Path;

    /// <summary>The key-value pairs.</summary>
    public GgufMetadata Metadata { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, TensorInfo> Tensors => _tensors;

    /// <summary>Maps a file and checks its header.</summary>
    /// <exception cref="ModelFormatException">The file is not a valid GGUF file.</exception>
    public static GgufFile Open(string path)
    {
        MappedFile map = new(path);
        try
        {
            return new GgufFile(map);
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Tensor Get(string name) => _tensors.TryGetValue(name, out TensorInfo? info)
        ? _map.Borrow(info)
        : throw new ModelFormatException(Path, $"there is no tensor '{name}'");

    /// <inheritdoc/>
    public void Dispose() => _map.Dispose();

    /// <summary>The next multiple of the alignment.</summary>
    internal static long Align(long position, int alignment) => (position + alignment - 1) / alignment * alignment;

    private GgufMetadata ReadMetadata(GgufCursor cursor, int count)
    {
        Dictionary<string, object> values = [];
        for (int i = 0; i < count; i++)
        {
            string key = cursor.String($"the name of metadata value {i}");
            if (!values.TryAdd(key, cursor.Value(key)))
            {
                throw new ModelFormatException(Path, $"the metadata value '{key}' occurs twice");
            }
        }

        return new GgufMetadata(Path, values);
    }

    private int Alignment()
    {
        int alignment = Metadata.Integer(AlignmentKey) ?? DefaultAlignment;
        return alignment is > 0 and <= 1 << 20 && BitOperations.IsPow2(alignment)
            ? alignment
            : throw new ModelFormatException(Path, $"'{AlignmentKey}' must be a power of two up to {1 << 20}, not {alignment}");
    }

    private void ReadTensors(GgufCursor cursor, int count, int alignment)
    {
        List<(string Name, long[] Shape, GgufTensorType Type, ulong Offset, long Bytes)> described = [];
        for (int i = 0; i < count; i++)
        {
            string name = cursor.String($"the name of tensor {i}");
            long[] shape = ReadShape(cursor, name);
            uint id = cursor.UInt32($"the type of tensor '{name}'");
            GgufTensorType type = GgufTensorType.Find(id) ?? throw new ModelFormatException(Path, $"tensor '{name}' has the unknown type {id}");
            described.Add((name, shape, type, cursor.UInt64($"the offset of tensor '{name}'"), ByteLength(name, shape, type)));
        }

        long dataStart = count == 0 ? _map.Length : Align(cursor.Position, alignment);
        long dataLength = Math.Max(0, _map.Length - dataStart);
        foreach ((string name, long[] shape, GgufTensorType type, ulong offset, long bytes) in described)
        {
            if (offset % (ulong)alignment != 0)
            {
                throw new ModelFormatException(Path, $"tensor '{name}' begins at {offset}, which is no multiple of the alignment {alignment}");
            }

            if (bytes > dataLength || offset > (ulong)(dataLength - bytes))
            {
                throw new ModelFormatException(Path, $"tensor '{name}' has {bytes} bytes at {offset}, outside of the {dataLength} bytes of data");
            }

            if (!_tensors.TryAdd(name, new TensorInfo(name, shape, type.Name, type.Type, dataStart + (long)offset, bytes)))
            {
                throw new ModelFormatException(Path, $"tensor '{name}' is described twice");
            }
        }

        CheckOverlap();
    }

    private long[] ReadShape(GgufCursor cursor, string name)
    {
        uint dimensions = cursor.UInt32($"the dimensions of tensor '{name}'");
        if (dimensions is 0 or > MaxDimensions)
        {
            throw new ModelFormatException(Path, $"tensor '{name}' has {dimensions} dimensions (1 to {MaxDimensions} are possible)");
        }

        long[] shape = new long[dimensions];
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            ulong size = cursor.UInt64($"a dimension of tensor '{name}'");
            shape[i] = size <= long.MaxValue ? (long)size : throw new ModelFormatException(Path, $"tensor '{name}' has a dimension of {size}");
        }

        return shape;
    }

    private long ByteLength(string name, long[] shape, GgufTensorType type)
    {
        if (shape[^1] % type.BlockLength != 0)
        {
            throw new ModelFormatException(Path, $"tensor '{name}' has rows of {shape[^1]}, no multiple of the {type.BlockLength} of {type.Name}");
        }

        Int128 bytes = (Int128)(shape[^1] / type.BlockLength) * type.BlockBytes;
        for (int i = 0; i < shape.Length - 1 && bytes <= _map.Length; i++)
        {
            bytes *= shape[i];
        }

        return bytes <= _map.Length
            ? (long)bytes
            : throw new ModelFormatException(Path, $"tensor '{name}' is {type.Name}[{string.Join(", ", shape)}], more than the {_map.Length} bytes of the file");
    }

    private void CheckOverlap()
    {
        TensorInfo? previous = null;
        foreach (TensorInfo tensor in _tensors.Values.Where(t => t.ByteLength > 0).OrderBy(t => t.Offset))
        {
            if (previous is not null && tensor.Offset < previous.Offset + previous.ByteLength)
            {
                throw new ModelFormatException(Path, $"tensors '{previous.Name}' and '{tensor.Name}' overlap");
            }

            previous = tensor;
        }
    }
}
