using System.Buffers.Binary;

namespace Inference.Speech.Audio;

/// <summary>STREAMINFO of a FLAC stream.</summary>
/// <param name="Format">Rate and channels.</param>
/// <param name="BitsPerSample">4 to 32.</param>
/// <param name="MaxBlock">Largest block, in frames of samples.</param>
internal sealed record FlacStreamInfo(AudioFormat Format, int BitsPerSample, int MaxBlock)
{
    /// <summary>Bytes of the block.</summary>
    public const int Length = 34;

    /// <summary>No frame is longer: a verbatim block with its headers, or one in Rice codes that an encoder should have written verbatim.</summary>
    public int MostFrameBytes => 1_024 + (2 * MaxBlock * Format.Channels * ((BitsPerSample + 8) / 8));

    public static FlacStreamInfo Parse(ReadOnlySpan<byte> bytes)
    {
        int block = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        ulong packed = BinaryPrimitives.ReadUInt64BigEndian(bytes[10..]);
        AudioFormat format = new((int)(packed >> 44), (int)((packed >> 41) & 7) + 1);
        int bits = (int)((packed >> 36) & 31) + 1;
        if (format.Fault is { } fault)
        {
            throw new AudioFormatException($"FLAC: {fault}");
        }

        return block >= 16 && bits >= 4
            ? new FlacStreamInfo(format, bits, block)
            : throw new AudioFormatException($"FLAC has blocks of 16 samples at least, of 4 bits at least; not {block} of {bits}");
    }
}
