using System.Buffers;
using System.Buffers.Binary;

namespace Inference.Speech.Audio;

/// <summary>
/// Writes one channel of samples as FLAC of 16 bits (RFC 9639): blocks of 1,024 samples by the fixed predictors, in Rice codes. The header names no
/// length and no checksum of the whole, since they are not known when it is written.
/// </summary>
internal sealed class FlacWriter(int sampleRate) : IAudioEncoder
{
    private const int BlockLength = 1_024;

    private readonly int[] _block = new int[BlockLength];
    private readonly FlacBitWriter _bits = new();
    private bool _begun;
    private int _filled;
    private uint _frame;

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<float> samples, IBufferWriter<byte> output)
    {
        WriteHeader(output);
        foreach (float sample in samples)
        {
            _block[_filled++] = Pcm16.FromFloat(sample);
            if (_filled == BlockLength)
            {
                WriteFrame(output);
            }
        }
    }

    /// <inheritdoc/>
    public void Complete(IBufferWriter<byte> output)
    {
        WriteHeader(output);
        if (_filled > 0)
        {
            WriteFrame(output);
        }
    }

    public void Dispose()
    {
    }

    private void WriteHeader(IBufferWriter<byte> output)
    {
        if (_begun)
        {
            return;
        }

        _begun = true;
        Span<byte> header = stackalloc byte[8 + FlacStreamInfo.Length];
        header.Clear();
        "fLaC"u8.CopyTo(header);
        header[4] = 0x80; // The last block of metadata, of type STREAMINFO.
        header[7] = FlacStreamInfo.Length;
        Span<byte> info = header[8..];
        BinaryPrimitives.WriteUInt16BigEndian(info, BlockLength);
        BinaryPrimitives.WriteUInt16BigEndian(info[2..], BlockLength);
        BinaryPrimitives.WriteUInt64BigEndian(info[10..], ((ulong)sampleRate << 44) | (15ul << 36));
        output.Write(header);
    }

    private void WriteFrame(IBufferWriter<byte> output)
    {
        _bits.Clear();
        _bits.Write(0xFFF8, 16);
        _bits.Write(0x70, 8); // The block's length follows; the rate is the stream's.
        _bits.Write(0x08, 8); // One channel of 16 bits.
        WriteNumber(_frame++);
        _bits.Write((uint)_filled - 1, 16);
        _bits.Write(FlacCrc.Of8(_bits.Bytes), 8);
        FlacSubframeWriter.Write(_bits, _block.AsSpan(0, _filled));
        _bits.AlignToByte();
        _bits.Write(FlacCrc.Of16(_bits.Bytes), 16);
        output.Write(_bits.Bytes);
        _filled = 0;
    }

    /// <summary>As UTF-8 extended to 31 bits.</summary>
    private void WriteNumber(uint number)
    {
        if (number < 0x80)
        {
            _bits.Write(number, 8);
            return;
        }

        int following = 1;
        while (following < 5 && number >> (following * 5 + 6) != 0)
        {
            following++;
        }

        uint mark = (uint)(0xFF00 >> (following + 1)) & 0xFF;
        _bits.Write(mark | (number >> (6 * following)), 8);
        for (int i = following - 1; i >= 0; i--)
        {
            _bits.Write(0x80 | ((number >> (6 * i)) & 0x3F), 8);
        }
    }
}
