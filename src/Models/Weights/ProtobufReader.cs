using System.Buffers.Binary;
using System.Text;

namespace Inference.Models.Weights;

/// <summary>
/// Reads one protobuf message in place, field by field. No length is believed before the bytes behind it are known to exist.
/// </summary>
/// <param name="file">Named by errors.</param>
/// <param name="data">The whole file.</param>
/// <param name="start">First byte of the message.</param>
/// <param name="end">The byte after its last.</param>
internal ref struct ProtobufReader(string file, ReadOnlySpan<byte> data, int start, int end)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private int _position = start;

    /// <summary>Number of the field that <see cref="Next"/> has found.</summary>
    public int Field { get; private set; }

    /// <summary>Its wire type: 0 a varint, 1 eight bytes, 2 length and bytes, 5 four bytes.</summary>
    public int WireType { get; private set; }

    /// <summary>A varint, or four or eight bytes, as an integer.</summary>
    public long Number { get; private set; }

    /// <summary>Where the bytes of a field of wire type 2 begin and end in the file.</summary>
    public (int Start, int End) Range { get; private set; }

    /// <summary>Moves to the next field; false at the end.</summary>
    /// <exception cref="ModelFormatException">The bytes are no message.</exception>
    public bool Next()
    {
        if (_position >= end)
        {
            return false;
        }

        ulong tag = Varint();
        (Field, WireType) = ((int)Math.Min(tag >> 3, int.MaxValue), (int)(tag & 7));
        switch (WireType)
        {
            case 0:
                Number = (long)Varint();
                break;
            case 1:
                Number = BinaryPrimitives.ReadInt64LittleEndian(Take(8));
                break;
            case 2:
                ulong length = Varint();
                if (length > (ulong)(end - _position))
                {
                    throw Wrong($"field {Field} claims {length} bytes; {end - _position} are left");
                }

                Range = (_position, _position + (int)length);
                _position = Range.End;
                break;
            case 5:
                Number = BinaryPrimitives.ReadInt32LittleEndian(Take(4));
                break;
            default:
                throw Wrong($"field {Field} has the wire type {WireType}");
        }

        return true;
    }

    /// <summary>The message that the field holds.</summary>
    public readonly ProtobufReader Message() => WireType == 2
        ? new ProtobufReader(file, _data, Range.Start, Range.End)
        : throw Wrong($"field {Field} is not a message");

    /// <summary>The field's text, of at most that many bytes.</summary>
    public readonly string Text(int maxBytes = 4096) => WireType != 2 ? throw Wrong($"field {Field} is not text")
        : Range.End - Range.Start > maxBytes ? throw Wrong($"field {Field} has {Range.End - Range.Start} bytes; the limit is {maxBytes}")
        : Encoding.UTF8.GetString(_data[Range.Start..Range.End]);

    /// <summary>Adds the field's integers: one, or several packed.</summary>
    public readonly void AddIntegers(List<long> values, int max)
    {
        if (WireType == 0)
        {
            values.Add(Number);
        }
        else if (WireType == 2)
        {
            ProtobufReader packed = Message();
            while (packed._position < Range.End && values.Count <= max)
            {
                values.Add((long)packed.Varint());
            }
        }

        if (values.Count > max)
        {
            throw Wrong($"field {Field} has more than {max} numbers");
        }
    }

    public readonly ModelFormatException Wrong(string problem) => new(file, $"at byte {_position}: {problem}");

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte next = Take(1)[0];
            value |= (ulong)(next & 127) << shift;
            if (next < 128)
            {
                return value;
            }
        }

        throw Wrong("a number has more than ten bytes");
    }

    private ReadOnlySpan<byte> Take(int bytes)
    {
        if (bytes > end - _position)
        {
            throw Wrong($"{bytes} bytes are wanted, {end - _position} are left");
        }

        _position += bytes;
        return _data.Slice(_position - bytes, bytes);
    }
}
