using System.Buffers.Binary;

namespace Inference.Speech.Audio;

/// <summary>The 44 bytes before 16-bit samples in a WAV file.</summary>
public static class WavHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Length = 44;

    private const uint LongestData = uint.MaxValue - 36;

    /// <summary>A header for <paramref name="frames"/> frames; null for a stream whose length is not known yet.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The data would be longer than 4 GB.</exception>
    public static byte[] Create(AudioFormat format, long? frames)
    {
        long data = 2L * format.Channels * (frames ?? 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data, LongestData, nameof(frames));
        uint bytes = frames is null ? uint.MaxValue : (uint)data;
        byte[] header = new byte[Length];
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), frames is null ? uint.MaxValue : bytes + 36);
        "WAVEfmt "u8.CopyTo(header.AsSpan(8));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(16), 16);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(20), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(22), (ushort)format.Channels);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(24), (uint)format.SampleRate);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(28), (uint)(2 * format.Channels * format.SampleRate));
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(32), (ushort)(2 * format.Channels));
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(34), 16);
        "data"u8.CopyTo(header.AsSpan(36));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(40), bytes);
        return header;
    }
}
