using System.Buffers;

namespace Inference.Speech.Audio;

/// <summary>Writes bits of a FLAC stream, most significant first.</summary>
internal sealed class FlacBitWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private ulong _window;
    private int _held;

    /// <summary>The whole bytes so far.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    /// <param name="value">Its lowest bits are written.</param>
    /// <param name="count">0 to 32.</param>
    public void Write(uint value, int count)
    {
        _window = (_window << count) | (value & (uint)((1ul << count) - 1));
        for (_held += count; _held >= 8; _held -= 8)
        {
            _bytes.GetSpan(1)[0] = (byte)(_window >> (_held - 8));
            _bytes.Advance(1);
        }
    }

    /// <summary>Zeros, and a one after them.</summary>
    public void WriteUnary(uint zeros)
    {
        for (; zeros >= 32; zeros -= 32)
        {
            Write(0, 32);
        }

        Write(1, (int)zeros + 1);
    }

    public void AlignToByte() => Write(0, (8 - _held) % 8);

    public void Clear() => _bytes.ResetWrittenCount();
}
