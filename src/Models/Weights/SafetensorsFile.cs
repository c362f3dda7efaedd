using System.Buffers.Binary;
using Inference.Tensors;

namespace Inference.Models.Weights;

/// <summary>
/// One safetensors file, memory-mapped: 8 bytes of header length, a JSON header, the data
/// (https://github.com/huggingface/safetensors). Everything in the header is checked before anything is used.
/// </summary>
public sealed class SafetensorsFile : ICheckpoint
{
    private readonly MappedFile _map;
    private readonly SafetensorsHeader _header;

    private SafetensorsFile(MappedFile map, SafetensorsHeader header)
    {
        _map = map;
        _header = header;
    }

    /// <inheritdoc/>
    public string Path => _map.Path;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, TensorInfo> Tensors => _header.Tensors;

    /// <summary>The free-form strings under `__metadata__`.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Maps a file and checks its header.</summary>
    /// <exception cref="ModelFormatException">The file is not a valid safetensors file.</exception>
    public static SafetensorsFile Open(string path)
    {
        MappedFile map = new(path);
        try
        {
            return new SafetensorsFile(map, ReadHeader(map));
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Tensor Get(string name) => Tensors.TryGetValue(name, out TensorInfo? info)
        ? _map.Borrow(info)
        : throw new ModelFormatException(Path, $"there is no tensor '{name}'");

    /// <inheritdoc/>
    public void Dispose() => _map.Dispose();

    private static unsafe SafetensorsHeader ReadHeader(MappedFile map)
    {
        if (map.Length < 8)
        {
            throw new ModelFormatException(map.Path, $"a safetensors file has at least 8 bytes, this one {map.Length}");
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(map.Data, 8));
        if (length > SafetensorsHeader.MaxBytes)
        {
            throw new ModelFormatException(map.Path, $"the header claims {length} bytes; the limit is {SafetensorsHeader.MaxBytes}");
        }

        long dataStart = 8 + (long)length;
        return dataStart <= map.Length
            ? SafetensorsHeader.Parse(map.Path, new ReadOnlySpan<byte>(map.Data + 8, (int)length), dataStart, map.Length - dataStart)
            : throw new ModelFormatException(map.Path, $"the header claims {length} bytes, the file has {map.Length - 8} after its length");
    }
}
