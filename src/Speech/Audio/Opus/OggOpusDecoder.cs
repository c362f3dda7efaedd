using System.Buffers;
using System.Buffers.Binary;

namespace Inference.Speech.Audio.Opus;

/// <summary>
/// Opus in Ogg (RFC 7845), up to 8 channels: samples before the stream's beginning and after its end are dropped, the output gain is applied,
/// page checksums are checked. One logical stream; a second one after it is not read.
/// </summary>
internal sealed class OggOpusDecoder : IAudioDecoder
{
    private const int HeaderBytes = 27;
    private const int EndOfStream = 4;

    private readonly ByteQueue _queue = new();
    private readonly byte[] _packet = new byte[OpusFrameDecoder.LongestBytes];
    private OpusPackets? _decoder;
    private int _packetLength;
    private long _packets;
    private uint _serial;
    private long _skip;
    private long _written;
    private long _preSkip;
    private float _gain = 1;
    private bool _ended;

    public AudioFormat? Format { get; private set; }

    public void Push(ReadOnlySpan<byte> bytes, IBufferWriter<float> output)
    {
        if (_ended)
        {
            return;
        }

        _queue.Append(bytes);
        while (!_ended && ReadPage(output))
        {
            // Each round reads one page.
        }
    }

    public void Complete(IBufferWriter<float> output)
    {
        if (Format is null || _packets < 2)
        {
            throw new AudioFormatException("the Ogg stream ends within its headers");
        }

        if (!_ended && _queue.Length > 0)
        {
            throw new AudioFormatException($"the Ogg stream ends within a page, {_queue.Length} bytes after its beginning");
        }
    }

    public void Dispose() => _decoder?.Dispose();

    private bool ReadPage(IBufferWriter<float> output)
    {
        if (_queue.Length < HeaderBytes)
        {
            return false;
        }

        ReadOnlySpan<byte> header = _queue.Peek(HeaderBytes);
        if (!header[..4].SequenceEqual("OggS"u8) || header[4] != 0)
        {
            throw new AudioFormatException($"a page of Ogg begins with \"OggS\" and version 0, not 0x{Convert.ToHexString(header[..5])}");
        }

        int segments = header[26];
        if (_queue.Length < HeaderBytes + segments)
        {
            return false;
        }

        int length = HeaderBytes + segments;
        foreach (byte lacing in _queue.Peek(HeaderBytes + segments)[HeaderBytes..])
        {
            length += lacing;
        }

        if (_queue.Length < length)
        {
            return false;
        }

        ReadOnlySpan<byte> page = _queue.Peek(length);
        if (OggCrc.Of(page) != BinaryPrimitives.ReadUInt32LittleEndian(page[22..]))
        {
            throw new AudioFormatException("a page of the Ogg stream has a wrong checksum");
        }

        uint serial = BinaryPrimitives.ReadUInt32LittleEndian(page[14..]);
        _serial = _packets == 0 && _packetLength == 0 ? serial : _serial;
        if (serial == _serial)
        {
            ReadPackets(page, segments, output);
        }

        _queue.Skip(length);
        return true;
    }

    private void ReadPackets(ReadOnlySpan<byte> page, int segments, IBufferWriter<float> output)
    {
        bool isLast = (page[5] & EndOfStream) != 0;
        long granule = BinaryPrimitives.ReadInt64LittleEndian(page[6..]);
        long end = isLast && granule > 0 ? Math.Max(0, granule - _preSkip) : long.MaxValue / AudioFormat.MostChannels;
        int at = HeaderBytes + segments;
        for (int i = 0; i < segments; i++)
        {
            int count = page[HeaderBytes + i];

            // The comments may be of any length, and are not kept.
            if (_packets != 1)
            {
                if (_packetLength + count > _packet.Length)
                {
                    throw new AudioFormatException($"Opus packet {_packets} has more than {_packet.Length} bytes");
                }

                page.Slice(at, count).CopyTo(_packet.AsSpan(_packetLength));
                _packetLength += count;
            }

            at += count;
            if (count < 255)
            {
                ReadPacket(end, output);
                _packetLength = 0;
                _packets++;
            }
        }

        _ended = isLast;
    }

    private void ReadPacket(long end, IBufferWriter<float> output)
    {
        if (_packets == 0)
        {
            ReadHead(_packet.AsSpan(0, _packetLength));
        }
        else if (_packets > 1 && _packetLength > 0)
        {
            int channels = Format!.Value.Channels;
            ReadOnlySpan<float> samples = _decoder!.Decode(_packet, _packetLength);
            int skipped = (int)Math.Min(_skip, samples.Length / channels);
            _skip -= skipped;
            samples = samples[(skipped * channels)..];
            samples = samples[..(int)Math.Clamp((end - _written) * channels, 0, samples.Length)];
            _written += samples.Length / channels;
            Span<float> target = output.GetSpan(Math.Max(1, samples.Length));
            for (int i = 0; i < samples.Length; i++)
            {
                target[i] = samples[i] * _gain;
            }

            output.Advance(samples.Length);
        }
    }

    private void ReadHead(ReadOnlySpan<byte> head)
    {
        if (head.Length < 19 || !head[..8].SequenceEqual("OpusHead"u8) || head[8] > 15)
        {
            throw new AudioFormatException("the Ogg stream is not Opus: its first packet is no \"OpusHead\" of version 1");
        }

        int channels = head[9];
        int family = head[18];
        if (channels is 0 or > AudioFormat.MostChannels || family > 1 || (family == 0 && channels > 2) || (family == 1 && head.Length < 21 + channels))
        {
            throw new AudioFormatException($"Opus with {channels} channels of mapping family {family} is not read; up to 2 of family 0 and 8 of family 1 are");
        }

        _preSkip = _skip = BinaryPrimitives.ReadUInt16LittleEndian(head[10..]);
        _gain = MathF.Pow(10, BinaryPrimitives.ReadInt16LittleEndian(head[16..]) / (20 * 256f));
        _decoder = family == 0
            ? new OpusPackets(channels, 1, channels - 1, [0, 1])
            : new OpusPackets(channels, head[19], head[20], head.Slice(21, channels).ToArray());
        Format = new AudioFormat(OpusLibrary.Rate, channels);
    }
}
