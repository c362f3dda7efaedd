using System.Buffers.Binary;
using System.Collections;
using System.Text;

namespace Inference.Models.Weights;

/// <summary>
/// An array of strings in a GGUF file, as UTF-8. A vocabulary has hundreds of thousands: opening the file only steps over them, and
/// the first reader copies them at once, not one by one.
/// </summary>
public sealed unsafe class GgufStrings : IReadOnlyList<ReadOnlyMemory<byte>>
{
    private readonly Lazy<(byte[] Bytes, int[] Starts)> _content;

    /// <param name="map">The file, which must be open when the strings are read first.</param>
    /// <param name="start">The first string's length.</param>
    /// <param name="end">Behind the last string.</param>
    /// <param name="count">How many; their lengths are known to fit.</param>
    internal GgufStrings(MappedFile map, long start, long end, int count)
    {
        Count = count;
        _content = new Lazy<(byte[], int[])>(() => Read(new ReadOnlySpan<byte>(map.Data + start, checked((int)(end - start))), count));
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The file was closed before anything was read.</exception>
    public ReadOnlyMemory<byte> this[int index]
    {
        get
        {
            (byte[] bytes, int[] starts) = _content.Value;
            return new ReadOnlyMemory<byte>(bytes, starts[index], starts[index + 1] - sizeof(ulong) - starts[index]);
        }
    }

    /// <summary>All of them as text.</summary>
    public string[] ToStrings() => [.. this.Select(s => Encoding.UTF8.GetString(s.Span))];

    /// <inheritdoc/>
    public IEnumerator<ReadOnlyMemory<byte>> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static (byte[] Bytes, int[] Starts) Read(ReadOnlySpan<byte> stored, int count)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(stored.Length);
        stored.CopyTo(bytes);
        int[] starts = new int[count + 1];
        int position = 0;
        for (int i = 0; i < count; i++)
        {
            starts[i] = position + sizeof(ulong);
            position = starts[i] + (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(position));
        }

        starts[count] = position + sizeof(ulong);
        return (bytes, starts);
    }
}
