using System.Buffers.Binary;

namespace Inference.Cli.Voice;

/// <summary>A WAV file of 16-bit samples.</summary>
/// <param name="SampleRate">Hertz.</param>
/// <param name="Channels">Interleaved.</param>
/// <param name="Samples">Little-endian bytes.</param>
internal sealed record WavFile(int SampleRate, int Channels, ReadOnlyMemory<byte> Samples)
{
    private const int Pcm = 1;
    private const int Extensible = 0xFFFE;

    /// <summary>Reads a file.</summary>
    /// <exception cref="ArgumentException">It is no such file.</exception>
    public static WavFile Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        if (file.Length < 12 || !file.AsSpan(0, 4).SequenceEqual("RIFF"u8) || !file.AsSpan(8, 4).SequenceEqual("WAVE"u8))
        {
            throw new ArgumentException($"{path} is no WAV file");
        }

        (int rate, int channels) = (0, 0);
        for (int at = 12; at + 8 <= file.Length;)
        {
            long length = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 4));
            int left = file.Length - at - 8;
            ReadOnlySpan<byte> body = file.AsSpan(at + 8, (int)Math.Min(length, left));
            if (file.AsSpan(at, 4).SequenceEqual("fmt "u8) && body.Length >= 16)
            {
                int format = BinaryPrimitives.ReadUInt16LittleEndian(body), bits = BinaryPrimitives.ReadUInt16LittleEndian(body[14..]);
                if (format is not (Pcm or Extensible) || bits != 16)
                {
                    throw new ArgumentException($"{path} must hold 16-bit samples, not {bits}-bit samples of format {format}");
                }

                (channels, rate) = (BinaryPrimitives.ReadUInt16LittleEndian(body[2..]), BinaryPrimitives.ReadInt32LittleEndian(body[4..]));
            }
            else if (file.AsSpan(at, 4).SequenceEqual("data"u8) && rate > 0)
            {
                return new WavFile(rate, channels, file.AsMemory(at + 8, body.Length));
            }

            at += (int)Math.Min(8 + length + (length & 1), file.Length);
        }

        throw new ArgumentException($"{path} holds no samples");
    }

    /// <summary>Writes a file of one channel.</summary>
    /// <param name="path">Where.</param>
    /// <param name="sampleRate">Hertz.</param>
    /// <param name="samples">16-bit, little-endian.</param>
    public static void Write(string path, int sampleRate, ReadOnlySpan<byte> samples)
    {
        using FileStream file = File.Create(path);
        using BinaryWriter writer = new(file);
        writer.Write("RIFF\0\0\0\0WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)Pcm);
        writer.Write((short)1);
        writer.Write(sampleRate);
        writer.Write(sampleRate * sizeof(short));
        writer.Write((short)sizeof(short));
        writer.Write((short)16);
        writer.Write("data\0\0\0\0"u8);
        writer.Write(samples);
        Finish(file);
    }

    /// <summary>Writes the lengths into a header that was written before they were known.</summary>
    public static void Finish(FileStream file)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)(file.Length - 8));
        file.Position = 4;
        file.Write(length);
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)(file.Length - 44));
        file.Position = 40;
        file.Write(length);
    }
}
