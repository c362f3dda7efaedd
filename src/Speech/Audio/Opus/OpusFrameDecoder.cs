using System.Buffers;

namespace Inference.Speech.Audio.Opus;

/// <summary>Opus packets without a container: each piece is one packet, as in RTP.</summary>
internal sealed class OpusFrameDecoder(int channels) : IAudioDecoder
{
    /// <summary>Bytes of a packet at most: 48 frames of 1,275 bytes, and their lengths.</summary>
    public const int LongestBytes = 61_440;

    private readonly OpusPackets _packets = new(channels, 1, channels - 1, [0, 1]);

    public AudioFormat? Format { get; } = new(OpusLibrary.Rate, channels);

    public void Push(ReadOnlySpan<byte> bytes, IBufferWriter<float> output)
    {
        if (bytes.Length > LongestBytes)
        {
            throw new AudioFormatException($"an Opus packet has at most {LongestBytes} bytes, not {bytes.Length}");
        }

        if (!bytes.IsEmpty)
        {
            output.Write(_packets.Decode(bytes.ToArray(), bytes.Length));
        }
    }

    public void Complete(IBufferWriter<float> output)
    {
    }

    public void Dispose() => _packets.Dispose();
}
