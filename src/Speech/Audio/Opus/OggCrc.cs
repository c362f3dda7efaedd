namespace Inference.Speech.Audio.Opus;

/// <summary>The checksum of Ogg pages: CRC-32 of polynomial 0x04C11DB7, not reflected.</summary>
internal static class OggCrc
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(i =>
    {
        uint value = (uint)i << 24;
        for (int bit = 0; bit < 8; bit++)
        {
            value = (value & 0x8000_0000) != 0 ? (value << 1) ^ 0x04C1_1DB7 : value << 1;
        }

        return value;
    })];

    /// <summary>Of a page, whose own field (bytes 22 to 25) counts as zeros.</summary>
    public static uint Of(ReadOnlySpan<byte> page)
    {
        uint crc = 0;
        for (int i = 0; i < page.Length; i++)
        {
            byte value = i is >= 22 and < 26 ? (byte)0 : page[i];
            crc = (crc << 8) ^ Table[(byte)(crc >> 24) ^ value];
        }

        return crc;
    }
}
