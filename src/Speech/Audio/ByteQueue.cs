namespace Inference.Speech.Audio;

/// <summary>Bytes that wait until enough of them have come.</summary>
internal sealed class ByteQueue
{
    private byte[] _buffer = new byte[4_096];
    private int _first;

    public int Length { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_first + Length + bytes.Length > _buffer.Length)
        {
            byte[] target = Length + bytes.Length > _buffer.Length ? new byte[Math.Max(2 * _buffer.Length, Length + bytes.Length)] : _buffer;
            _buffer.AsSpan(_first, Length).CopyTo(target);
            (_buffer, _first) = (target, 0);
        }

        bytes.CopyTo(_buffer.AsSpan(_first + Length));
        Length += bytes.Length;
    }

    public ReadOnlySpan<byte> Peek(int count) => _buffer.AsSpan(_first, count);

    public void Skip(int count)
    {
        _first += count;
        Length -= count;
        _first = Length == 0 ? 0 : _first;
    }
}
