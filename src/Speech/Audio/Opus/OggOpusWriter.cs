using System.Buffers;
using System.Buffers.Binary;

namespace Inference.Speech.Audio.Opus;

/// <summary>Writes one channel of samples at 48 kHz as Opus in Ogg (RFC 7845), packets of 20 ms, a page each so that players begin at once.</summary>
internal sealed class OggOpusWriter : IAudioEncoder
{
    /// <summary>Samples of a packet.</summary>
    public const int FrameLength = 960;

    /// <summary>Samples by which libopus delays at 48 kHz.</summary>
    private const int PreSkip = 312;

    // Made for faithfulness at any content; the voice mode moves phases.
    private const int AudioApplication = 2049;
    private const uint Serial = 1;

    private readonly OpusEncoderHandle _encoder;
    private readonly float[] _frame = new float[FrameLength];
    private readonly byte[] _packet = new byte[4_000];
    private byte[]? _waiting;
    private int _filled;
    private long _samples;
    private long _granule;
    private uint _page;

    /// <exception cref="AudioFormatException">libopus is not installed.</exception>
    public OggOpusWriter()
    {
        OpusLibrary.Require();
        _encoder = OpusLibrary.CreateEncoder(OpusLibrary.Rate, 1, AudioApplication, out int error);
        if (error != 0)
        {
            throw new InvalidOperationException($"libopus gives no encoder (error {error})");
        }
    }

    /// <summary>Appends the bytes of samples from -1 to 1; the last 20 ms are held back.</summary>
    public void Write(ReadOnlySpan<float> samples, IBufferWriter<byte> output)
    {
        WriteHeaders(output);
        _samples += samples.Length;
        while (!samples.IsEmpty)
        {
            int count = Math.Min(samples.Length, FrameLength - _filled);
            samples[..count].CopyTo(_frame.AsSpan(_filled));
            _filled += count;
            samples = samples[count..];
            if (_filled == FrameLength)
            {
                Encode(output);
            }
        }
    }

    /// <summary>Ends the stream.</summary>
    public void Complete(IBufferWriter<byte> output)
    {
        WriteHeaders(output);

        // What the encoder holds back comes out with as much silence.
        while (_granule < _samples + PreSkip || _waiting is null)
        {
            _frame.AsSpan(_filled).Clear();
            Encode(output);
        }

        WritePage(_waiting, _samples + PreSkip, 4, output);
    }

    /// <summary>Frees the encoder.</summary>
    public void Dispose() => _encoder.Dispose();

    private void WriteHeaders(IBufferWriter<byte> output)
    {
        if (_page > 0)
        {
            return;
        }

        byte[] head = new byte[19];
        "OpusHead"u8.CopyTo(head);
        (head[8], head[9]) = (1, 1);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(10), PreSkip);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(12), OpusLibrary.Rate);
        WritePage(head, 0, 2, output);
        WritePage("OpusTags\u0009\0\0\0inference\0\0\0\0"u8, 0, 0, output);
    }

    private void Encode(IBufferWriter<byte> output)
    {
        if (_waiting is not null)
        {
            WritePage(_waiting, _granule, 0, output);
        }

        int length = OpusLibrary.Encode(_encoder, _frame, FrameLength, _packet, _packet.Length);
        if (length < 0)
        {
            throw new InvalidOperationException($"libopus cannot encode (error {length})");
        }

        _waiting = _packet.AsSpan(0, length).ToArray();
        _granule += FrameLength;
        _filled = 0;
    }

    private void WritePage(ReadOnlySpan<byte> packet, long granule, byte flags, IBufferWriter<byte> output)
    {
        int segments = (packet.Length / 255) + 1;
        int length = 27 + segments + packet.Length;
        Span<byte> page = output.GetSpan(length)[..length];
        page[..27].Clear();
        "OggS"u8.CopyTo(page);
        page[5] = flags;
        BinaryPrimitives.WriteInt64LittleEndian(page[6..], granule);
        BinaryPrimitives.WriteUInt32LittleEndian(page[14..], Serial);
        BinaryPrimitives.WriteUInt32LittleEndian(page[18..], _page++);
        page[26] = (byte)segments;
        page.Slice(27, segments).Fill(255);
        page[26 + segments] = (byte)(packet.Length % 255);
        packet.CopyTo(page[(27 + segments)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(page[22..], OggCrc.Of(page));
        output.Advance(length);
    }
}
