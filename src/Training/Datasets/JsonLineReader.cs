namespace Inference.Training.Datasets;

/// <summary>
/// Lines of a stream of any length, one in memory at a time. A line past the limit is counted and dropped. Ends of lines are LF or
/// CR LF; a byte-order mark at the start is dropped.
/// </summary>
internal static class JsonLineReader
{
    private const int BlockBytes = 1 << 16;
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>The lines; the last may lack its end. A file that ends with one has no empty line after it.</summary>
    public static IEnumerable<JsonLine> Read(Stream stream, int maxLineBytes, CancellationToken cancellation)
    {
        byte[] block = new byte[BlockBytes];
        byte[] line = new byte[BlockBytes];
        long length = 0;
        long number = 1;
        for (int count = stream.ReadAtLeast(block, 3, throwOnEndOfStream: false); count > 0; count = stream.Read(block))
        {
            cancellation.ThrowIfCancellationRequested();
            int start = number == 1 && length == 0 && block.AsSpan(0, count).StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
            while (start < count)
            {
                int end = block.AsSpan(start, count - start).IndexOf((byte)'\n');
                int part = end < 0 ? count - start : end;
                if (length + part <= maxLineBytes)
                {
                    Append(ref line, (int)length, block.AsSpan(start, part));
                }

                length += part;
                start += part + 1;
                if (end >= 0)
                {
                    yield return Line(number++, line, length, maxLineBytes);
                    length = 0;
                }
            }
        }

        if (length > 0)
        {
            yield return Line(number, line, length, maxLineBytes);
        }
    }

    private static JsonLine Line(long number, byte[] line, long length, int maxLineBytes)
    {
        if (length > maxLineBytes)
        {
            return new JsonLine(number, default, length);
        }

        int end = length > 0 && line[length - 1] == '\r' ? (int)length - 1 : (int)length;
        return new JsonLine(number, line.AsMemory(0, end), end);
    }

    private static void Append(ref byte[] line, int length, ReadOnlySpan<byte> part)
    {
        if (length + part.Length > line.Length)
        {
            Array.Resize(ref line, Math.Max(2 * line.Length, length + part.Length));
        }

        part.CopyTo(line.AsSpan(length));
    }
}
