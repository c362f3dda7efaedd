namespace Inference.Speech.Audio;

/// <summary>Bits of a FLAC stream, most significant first. Reading past the end throws <see cref="EndOfStreamException"/>: more may come.</summary>
internal ref struct FlacBits(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private ulong _window;
    private int _held;
    private int _next;

    /// <summary>Bytes read, with a byte begun as a whole one.</summary>
    public readonly int Position => _next - (_held / 8);

    public uint Read(int count)
    {
        if (count == 0)
        {
            return 0;
        }

        Fill(count);
        _held -= count;
        return (uint)((_window >> _held) & ((1ul << count) - 1));
    }

    public int ReadSigned(int count) => count == 0 ? 0 : (int)(Read(count) << (32 - count)) >> (32 - count);

    /// <summary>Zeros before the next one, which is read too.</summary>
    public int ReadUnary()
    {
        int zeros = 0;
        while (true)
        {
            Fill(1);
            ulong held = _window & (_held == 64 ? ulong.MaxValue : (1ul << _held) - 1);
            int leading = System.Numerics.BitOperations.LeadingZeroCount(held) - (64 - _held);
            zeros += leading;
            _held -= leading;
            if (held != 0)
            {
                _held--;
                return zeros;
            }
        }
    }

    public void AlignToByte() => _held -= _held % 8;

    private void Fill(int count)
    {
        while (_held < count || (_held <= 56 && _next < _bytes.Length))
        {
            if (_next >= _bytes.Length)
            {
                throw new EndOfStreamException();
            }

            _window = (_window << 8) | _bytes[_next++];
            _held += 8;
        }
    }
}
