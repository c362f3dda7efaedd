using System.Runtime.InteropServices;
using System.Text;

namespace Inference.Models.Weights;

/// <summary>Reads a GGUF header from start to end. No count or length is believed before the bytes behind it are known to exist.</summary>
internal sealed unsafe class GgufCursor(MappedFile map)
{
    private const int MaxArrayDepth = 4;

    private readonly string _file = map.Path;
    private readonly byte* _data = map.Data;
    private readonly long _length = map.Length;

    /// <summary>Bytes read so far.</summary>
    public long Position { get; private set; }

    public uint UInt32(string what) => Number<uint>(what);

    public ulong UInt64(string what) => Number<ulong>(what);

    /// <summary>A count of things that take at least <paramref name="leastBytes"/> each.</summary>
    public int Count(string what, int leastBytes)
    {
        ulong count = UInt64(what);
        long limit = Math.Min(int.MaxValue, (_length - Position) / leastBytes);
        return count <= (ulong)limit
            ? (int)count
            : throw new ModelFormatException(_file, $"{what} is {count}; the rest of the file has room for {limit}");
    }

    /// <summary>A vocabulary has some hundred thousand of these: nothing is said about one that is well.</summary>
    public string String(string what)
    {
        ulong count = UInt64(what);
        return count <= (ulong)(_length - Position)
            ? Encoding.UTF8.GetString(Take((long)count, what))
            : throw new ModelFormatException(_file, $"the length of {what} is {count}; the rest of the file has room for {_length - Position}");
    }

    /// <summary>A metadata value: a boxed number, bool or string, or an array of these (typed), or of arrays (object[]).</summary>
    public object Value(string key) => Value((GgufValueType)UInt32($"the type of '{key}'"), key, 0);

    private object Value(GgufValueType type, string key, int depth) => type switch
    {
        GgufValueType.UInt8 => Number<byte>(key),
        GgufValueType.Int8 => Number<sbyte>(key),
        GgufValueType.UInt16 => Number<ushort>(key),
        GgufValueType.Int16 => Number<short>(key),
        GgufValueType.UInt32 => Number<uint>(key),
        GgufValueType.Int32 => Number<int>(key),
        GgufValueType.Float32 => Number<float>(key),
        GgufValueType.Bool => Number<byte>(key) != 0,
        GgufValueType.String => String($"'{key}'"),
        GgufValueType.Array => Array(key, depth),
        GgufValueType.UInt64 => Number<ulong>(key),
        GgufValueType.Int64 => Number<long>(key),
        GgufValueType.Float64 => Number<double>(key),
        _ => throw new ModelFormatException(_file, $"'{key}' has the unknown value type {(uint)type}"),
    };

    private object Array(string key, int depth)
    {
        if (depth == MaxArrayDepth)
        {
            throw new ModelFormatException(_file, $"'{key}' nests arrays deeper than {MaxArrayDepth}");
        }

        GgufValueType type = (GgufValueType)UInt32($"the element type of '{key}'");
        string count = $"the element count of '{key}'", element = $"an element of '{key}'";
        return type switch
        {
            GgufValueType.UInt8 => Numbers<byte>(key, count),
            GgufValueType.Int8 => Numbers<sbyte>(key, count),
            GgufValueType.UInt16 => Numbers<ushort>(key, count),
            GgufValueType.Int16 => Numbers<short>(key, count),
            GgufValueType.UInt32 => Numbers<uint>(key, count),
            GgufValueType.Int32 => Numbers<int>(key, count),
            GgufValueType.Float32 => Numbers<float>(key, count),
            GgufValueType.Bool => System.Array.ConvertAll(Numbers<byte>(key, count), b => b != 0),
            GgufValueType.UInt64 => Numbers<ulong>(key, count),
            GgufValueType.Int64 => Numbers<long>(key, count),
            GgufValueType.Float64 => Numbers<double>(key, count),
            GgufValueType.String => Strings(Count(count, 8), element),
            GgufValueType.Array => Elements(Count(count, 12), _ => Array(key, depth + 1)),
            _ => throw new ModelFormatException(_file, $"'{key}' is an array of the unknown value type {(uint)type}"),
        };
    }

    private static T[] Elements<T>(int count, Func<int, T> read)
    {
        T[] elements = new T[count];
        for (int i = 0; i < count; i++)
        {
            elements[i] = read(i);
        }

        return elements;
    }

    private GgufStrings Strings(int count, string what)
    {
        long start = Position;
        for (int i = 0; i < count; i++)
        {
            ulong bytes = UInt64(what);
            if (bytes > (ulong)(_length - Position))
            {
                throw new ModelFormatException(_file, $"the length of {what} is {bytes}; the rest of the file has room for {_length - Position}");
            }

            Position += (long)bytes;
        }

        return Position - start <= int.MaxValue
            ? new GgufStrings(map, start, Position, count)
            : throw new ModelFormatException(_file, $"{what} stands among {Position - start} bytes of strings; the limit is {int.MaxValue}");
    }

    private T[] Numbers<T>(string key, string count)
        where T : unmanaged
    {
        int elements = Count(count, sizeof(T));
        return MemoryMarshal.Cast<byte, T>(Take((long)elements * sizeof(T), key)).ToArray();
    }

    private T Number<T>(string what)
        where T : unmanaged => MemoryMarshal.Read<T>(Take(sizeof(T), what));

    private ReadOnlySpan<byte> Take(long count, string what)
    {
        if (count > _length - Position || count > int.MaxValue)
        {
            throw new ModelFormatException(_file, $"the file ends at byte {_length}, inside {what}, which needs {count} bytes from {Position}");
        }

        ReadOnlySpan<byte> taken = new(_data + Position, (int)count);
        Position += count;
        return taken;
    }
}
