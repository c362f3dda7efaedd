using System.Buffers;
using System.Buffers.Binary;

namespace Inference.Speech.Audio;

/// <summary>
/// RIFF WAVE as it comes: sizes of streams that nobody knew (0, or all ones) mean "to the end", chunks besides "fmt " and "data" are skipped, what
/// follows the data is not looked at. Data that are shorter than their header says give what there is.
/// </summary>
internal sealed class WavDecoder : IAudioDecoder
{
    private const int LongestFormat = 1_024;
    private const uint UnknownLength = 0xFFFF_FFFF;

    private readonly ByteQueue _queue = new();
    private RawDecoder? _samples;
    private bool _begun;
    private long _skip;
    private long? _left;

    public AudioFormat? Format => _left is null ? null : _samples!.Format;

    public void Push(ReadOnlySpan<byte> bytes, IBufferWriter<float> output)
    {
        _queue.Append(bytes);
        while (_left is null && ReadChunk())
        {
            // Each round reads one header.
        }

        if (_left is long left)
        {
            int count = (int)Math.Min(left, _queue.Length);
            _samples!.Push(_queue.Peek(count), output);
            _left = left - count;
            _queue.Skip(_queue.Length);
        }
    }

    public void Complete(IBufferWriter<float> output)
    {
        if (_left is null)
        {
            throw new AudioFormatException("the WAV file ends before its \"data\" chunk");
        }
    }

    public void Dispose()
    {
    }

    private bool ReadChunk()
    {
        int skipped = (int)Math.Min(_skip, _queue.Length);
        _queue.Skip(skipped);
        _skip -= skipped;
        int header = _begun ? 8 : 12;
        if (_skip > 0 || _queue.Length < header)
        {
            return false;
        }

        ReadOnlySpan<byte> bytes = _queue.Peek(header);
        if (!_begun)
        {
            if (!bytes[..4].SequenceEqual("RIFF"u8) || !bytes[8..].SequenceEqual("WAVE"u8))
            {
                throw new AudioFormatException("a WAV file begins with \"RIFF\", its size and \"WAVE\"");
            }

            _begun = true;
            _queue.Skip(header);
            return true;
        }

        uint size = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        if (bytes[..4].SequenceEqual("data"u8))
        {
            _ = _samples ?? throw new AudioFormatException("the WAV file has a \"data\" chunk before a \"fmt \" chunk");
            _queue.Skip(header);
            _left = size is 0 or UnknownLength ? long.MaxValue : size;
            return true;
        }

        if (bytes[..4].SequenceEqual("fmt "u8))
        {
            return ReadFormat(header, size);
        }

        foreach (byte b in bytes[..4])
        {
            if (b is < 0x20 or > 0x7E)
            {
                throw new AudioFormatException($"the WAV file has a chunk whose name is 0x{Convert.ToHexString(bytes[..4])}");
            }
        }

        _queue.Skip(header);
        _skip = size + (size & 1);
        return true;
    }

    private bool ReadFormat(int header, uint size)
    {
        if (size is < 16 or > LongestFormat)
        {
            throw new AudioFormatException($"the \"fmt \" chunk of a WAV file has from 16 to {LongestFormat} bytes, not {size}");
        }

        int padded = (int)(size + (size & 1));
        if (_queue.Length < header + padded)
        {
            return false;
        }

        ReadOnlySpan<byte> f = _queue.Peek(header + padded)[header..];
        int tag = BinaryPrimitives.ReadUInt16LittleEndian(f);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(f[14..]);
        if (tag == 0xFFFE && size >= 40)
        {
            tag = BinaryPrimitives.ReadUInt16LittleEndian(f[24..]);
        }

        AudioFormat format = new((int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(f[4..]), int.MaxValue), BinaryPrimitives.ReadUInt16LittleEndian(f[2..]));
        if (format.Fault is { } fault)
        {
            throw new AudioFormatException($"WAV: {fault}");
        }

        SampleCodec codec = (tag, bits) switch
        {
            (1, 8) => SampleCodec.Unsigned8,
            (1, 16) => SampleCodec.Signed16,
            (1, 24) => SampleCodec.Signed24,
            (1, 32) => SampleCodec.Signed32,
            (3, 32) => SampleCodec.Float32,
            (3, 64) => SampleCodec.Float64,
            (6, 8) => SampleCodec.ALaw,
            (7, 8) => SampleCodec.MuLaw,
            _ => throw new AudioFormatException($"WAV of format {tag} with {bits} bits is not read; PCM of 8, 16, 24 and 32 bits, floats, A-law and mu-law are"),
        };
        _samples = new RawDecoder(codec, format);
        _queue.Skip(header + padded);
        return true;
    }
}
