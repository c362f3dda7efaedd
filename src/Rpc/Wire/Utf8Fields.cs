using System.Buffers;
using System.Text.Unicode;
using Google.Protobuf.Reflection;

namespace Inference.Rpc.Wire;

/// <summary>Google.Protobuf reads invalid UTF-8 as U+FFFD; this finds it, in a message that parsed.</summary>
internal static class Utf8Fields
{
    private const int Varint = 0, Fixed64 = 1, LengthDelimited = 2, StartGroup = 3, EndGroup = 4;

    /// <summary>Path of the first string field that is not valid UTF-8, as "chat.messages.content"; null where all are.</summary>
    public static string? FindInvalid(MessageDescriptor message, in ReadOnlySequence<byte> payload) =>
        FindInvalid(message, payload.IsSingleSegment ? payload.FirstSpan : payload.ToArray(), "");

    private static string? FindInvalid(MessageDescriptor message, ReadOnlySpan<byte> rest, string path)
    {
        int groups = 0;
        while (!rest.IsEmpty)
        {
            ulong tag = TakeVarint(ref rest);
            switch ((int)(tag & 7))
            {
                case Varint:
                    TakeVarint(ref rest);
                    break;
                case Fixed64:
                    rest = rest[sizeof(ulong)..];
                    break;
                case LengthDelimited:
                    int length = (int)TakeVarint(ref rest);
                    ReadOnlySpan<byte> value = rest[..length];
                    rest = rest[length..];
                    FieldDescriptor? field = groups == 0 ? message.FindFieldByNumber((int)(tag >> 3)) : null;
                    if (field?.FieldType == FieldType.String && !Utf8.IsValid(value))
                        return path + field.Name;
                    if (field?.FieldType == FieldType.Message && FindInvalid(field.MessageType, value, $"{path}{field.Name}.") is { } inner)
                        return inner;
                    break;
                case StartGroup:
                    groups++;
                    break;
                case EndGroup:
                    groups--;
                    break;
                default:
                    rest = rest[sizeof(uint)..];
                    break;
            }
        }
        return null;
    }

    private static ulong TakeVarint(ref ReadOnlySpan<byte> rest)
    {
        ulong value = 0;
        for (int i = 0; ; i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] < 0x80)
            {
                rest = rest[(i + 1)..];
                return value;
            }
        }
    }
}
