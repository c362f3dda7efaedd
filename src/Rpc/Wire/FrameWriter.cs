using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Pipelines;
using Google.Protobuf;

namespace Inference.Rpc.Wire;

/// <summary>Messages to length-prefixed frames. With gzip, messages below the threshold still go as they are.</summary>
internal sealed class FrameWriter(PipeWriter writer, int maxMessageBytes, int? gzipFromBytes)
{
    private const int PrefixBytes = 5;

    /// <summary>Bytes written since the last flush.</summary>
    public long Unflushed { get; private set; }

    /// <exception cref="RpcException">RESOURCE_EXHAUSTED past the limit.</exception>
    public void Write(IMessage message)
    {
        int size = message.CalculateSize();
        if (size > maxMessageBytes)
        {
            throw new RpcException(
                StatusCode.ResourceExhausted, $"a message to send has {size} bytes; the limit is {maxMessageBytes}");
        }
        if (size >= gzipFromBytes)
        {
            using MemoryStream deflated = new();
            using (GZipStream gzip = new(deflated, CompressionLevel.Fastest, leaveOpen: true))
                message.WriteTo(gzip);
            WritePrefix(1, (int)deflated.Length);
            writer.Write(deflated.GetBuffer().AsSpan(0, (int)deflated.Length));
            Unflushed += deflated.Length;
        }
        else
        {
            WritePrefix(0, size);
            message.WriteTo(writer);
            Unflushed += size;
        }
    }

    /// <summary>Returns when the receiver can take more; false when it has left.</summary>
    public async Task<bool> FlushAsync(CancellationToken cancellation)
    {
        Unflushed = 0;
        FlushResult result = await writer.FlushAsync(cancellation);
        if (result.IsCanceled)
            throw new OperationCanceledException(cancellation);
        return !result.IsCompleted;
    }

    private void WritePrefix(byte flag, int length)
    {
        Span<byte> prefix = writer.GetSpan(PrefixBytes);
        prefix[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(prefix[1..], length);
        writer.Advance(PrefixBytes);
        Unflushed += PrefixBytes;
    }
}
