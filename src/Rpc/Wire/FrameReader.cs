using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Pipelines;
using Google.Protobuf;

namespace Inference.Rpc.Wire;

/// <summary>
/// Messages from length-prefixed frames: one flag byte, four bytes of length (big endian), the message.
/// The limit holds before and after inflating; nothing beyond it is buffered.
/// </summary>
/// <param name="reader">The body.</param>
/// <param name="maxMessageBytes">The limit.</param>
/// <param name="encoding">The header grpc-encoding.</param>
/// <param name="requireUtf8">Refuse strings that are not UTF-8 with INVALID_ARGUMENT; else they get U+FFFD.</param>
internal sealed class FrameReader(PipeReader reader, int maxMessageBytes, string? encoding, bool requireUtf8)
{
    private const int PrefixBytes = 5;

    /// <summary>The next message, or null at the end of the stream.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED past the limit; INTERNAL for what cannot be read.</exception>
    public async ValueTask<T?> ReadAsync<T>(MessageParser<T> parser, CancellationToken cancellation)
        where T : class, IMessage<T>
    {
        while (true)
        {
            ReadResult result = await reader.ReadAsync(cancellation);
            if (result.IsCanceled)
                throw new OperationCanceledException(cancellation);
            ReadOnlySequence<byte> buffer = result.Buffer;
            SequencePosition consumed = buffer.Start, examined = buffer.End;
            try
            {
                if (TryTakeFrame(buffer, out bool compressed, out ReadOnlySequence<byte> payload))
                {
                    consumed = examined = payload.End;
                    return Parse(parser, compressed ? Inflate(payload) : payload);
                }
                if (result.IsCompleted)
                {
                    return buffer.IsEmpty ? null : throw new RpcException(
                        StatusCode.Internal, $"the stream ended within a message: {buffer.Length} bytes of a frame came");
                }
            }
            finally
            {
                reader.AdvanceTo(consumed, examined);
            }
        }
    }

    private bool TryTakeFrame(in ReadOnlySequence<byte> buffer, out bool compressed, out ReadOnlySequence<byte> payload)
    {
        compressed = false;
        payload = default;
        if (buffer.Length < PrefixBytes)
            return false;
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        buffer.Slice(0, PrefixBytes).CopyTo(prefix);
        if (prefix[0] > 1)
            throw new RpcException(StatusCode.Internal, $"a message has the flag {prefix[0]}; 0 and 1 are known");
        compressed = prefix[0] == 1;
        uint length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (length > maxMessageBytes)
            throw new RpcException(StatusCode.ResourceExhausted, $"a message has {length} bytes; the limit is {maxMessageBytes}");
        if (buffer.Length < PrefixBytes + length)
            return false;
        payload = buffer.Slice(PrefixBytes, length);
        return true;
    }

    private ReadOnlySequence<byte> Inflate(ReadOnlySequence<byte> payload)
    {
        if (encoding != Headers.Gzip)
            throw new RpcException(StatusCode.Internal, "a message is flagged as compressed, but grpc-encoding names no compression");
        ArrayBufferWriter<byte> inflated = new();
        try
        {
            using GZipStream gzip = new(new MemoryStream(payload.ToArray(), false), CompressionMode.Decompress);
            while (true)
            {
                int read = gzip.Read(inflated.GetSpan(4096));
                if (read == 0)
                    return new(inflated.WrittenMemory);
                inflated.Advance(read);
                if (inflated.WrittenCount > maxMessageBytes)
                {
                    throw new RpcException(
                        StatusCode.ResourceExhausted, $"a message has more than {maxMessageBytes} bytes after inflating, the limit");
                }
            }
        }
        catch (InvalidDataException)
        {
            throw new RpcException(StatusCode.Internal, "a message flagged as gzip cannot be inflated");
        }
    }

    private T Parse<T>(MessageParser<T> parser, ReadOnlySequence<byte> payload)
        where T : class, IMessage<T>
    {
        try
        {
            T message = parser.ParseFrom(payload);
            return requireUtf8 && Utf8Fields.FindInvalid(message.Descriptor, payload) is { } field
                ? throw RpcException.InvalidFields((field, "is not valid UTF-8")) : message;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new RpcException(StatusCode.Internal, $"a message cannot be parsed: {e.Message}");
        }
    }
}
