namespace Inference.Speech.Audio;

/// <summary>The checksums of FLAC: of 8 bits (0x07) over a frame's header, of 16 (0x8005) over the frame.</summary>
internal static class FlacCrc
{
    private static readonly ushort[] Table16 = [.. Enumerable.Range(0, 256).Select(i => (ushort)Remainder(i << 8, 0x8005, 16))];
    private static readonly byte[] Table8 = [.. Enumerable.Range(0, 256).Select(i => (byte)Remainder(i, 0x07, 8))];

    public static byte Of8(ReadOnlySpan<byte> bytes)
    {
        byte crc = 0;
        foreach (byte b in bytes)
        {
            crc = Table8[crc ^ b];
        }

        return crc;
    }

    public static ushort Of16(ReadOnlySpan<byte> bytes)
    {
        ushort crc = 0;
        foreach (byte b in bytes)
        {
            crc = (ushort)((crc << 8) ^ Table16[(crc >> 8) ^ b]);
        }

        return crc;
    }

    private static int Remainder(int value, int polynomial, int width)
    {
        for (int bit = 0; bit < 8; bit++)
        {
            value = (value & (1 << (width - 1))) != 0 ? (value << 1) ^ polynomial : value << 1;
        }

        return value & ((1 << width) - 1);
    }
}
