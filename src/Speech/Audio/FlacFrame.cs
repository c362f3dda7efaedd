namespace Inference.Speech.Audio;

/// <summary>One frame of a FLAC stream.</summary>
/// <param name="Bytes">Its length.</param>
/// <param name="Samples">Samples of each channel.</param>
internal readonly record struct FlacFrame(int Bytes, int Samples)
{
    /// <summary>Reads a frame from its sync code on; its samples go to <paramref name="channels"/>.</summary>
    /// <exception cref="EndOfStreamException">The bytes end within it.</exception>
    /// <exception cref="AudioFormatException">It is damaged, or not of this stream.</exception>
    public static FlacFrame Read(ReadOnlySpan<byte> bytes, FlacStreamInfo info, long number, long[][] channels)
    {
        FlacBits bits = new(bytes);
        if (bits.Read(15) != 0x7FFC)
        {
            throw Damaged(number, "does not begin with a sync code");
        }

        bits.Read(1);
        int blockCode = (int)bits.Read(4);
        int rateCode = (int)bits.Read(4);
        int assignment = (int)bits.Read(4);
        int sizeCode = (int)bits.Read(3);
        bits.Read(1);
        SkipNumber(ref bits, number);
        int samples = blockCode switch
        {
            0 => throw Damaged(number, "has a reserved block size"),
            1 => 192,
            <= 5 => 144 << blockCode,
            6 => (int)bits.Read(8) + 1,
            7 => (int)bits.Read(16) + 1,
            _ => 1 << blockCode,
        };
        bits.Read(rateCode switch { 12 => 8, 13 or 14 => 16, 15 => throw Damaged(number, "has a forbidden sample rate"), _ => 0 });
        int depth = sizeCode switch { 0 => info.BitsPerSample, 1 => 8, 2 => 12, 4 => 16, 5 => 20, 6 => 24, 7 => 32, _ => -1 };
        int count = assignment < 8 ? assignment + 1 : 2;
        int headerBytes = bits.Position;
        if (FlacCrc.Of8(bytes[..headerBytes]) != bits.Read(8))
        {
            throw Damaged(number, "has a header with a wrong checksum");
        }

        if (samples > info.MaxBlock || depth != info.BitsPerSample || count != info.Format.Channels || assignment > 10)
        {
            throw Damaged(number, $"has {samples} samples of {depth} bits in {count} channels, unlike the stream's header");
        }

        for (int c = 0; c < count; c++)
        {
            bool isSide = (assignment == 8 && c == 1) || (assignment == 9 && c == 0) || (assignment == 10 && c == 1);
            FlacSubframe.Read(ref bits, channels[c].AsSpan(0, samples), depth + (isSide ? 1 : 0), number);
        }

        bits.AlignToByte();
        int length = bits.Position;
        if (FlacCrc.Of16(bytes[..length]) != bits.Read(16))
        {
            throw Damaged(number, "has a wrong checksum");
        }

        Correlate(assignment, channels, samples);
        return new FlacFrame(length + 2, samples);
    }

    public static AudioFormatException Damaged(long number, string how) => new($"frame {number} of the FLAC stream {how}");

    /// <summary>The frame's or first sample's number, coded as UTF-8 extended to 36 bits is.</summary>
    private static void SkipNumber(ref FlacBits bits, long number)
    {
        uint first = bits.Read(8);
        int following = first switch { < 0x80 => 0, < 0xC0 => -1, < 0xE0 => 1, < 0xF0 => 2, < 0xF8 => 3, < 0xFC => 4, < 0xFE => 5, 0xFE => 6, _ => -1 };
        if (following < 0)
        {
            throw Damaged(number, "has a number that is not coded as UTF-8");
        }

        for (int i = 0; i < following; i++)
        {
            bits.Read(8);
        }
    }

    private static void Correlate(int assignment, long[][] channels, int samples)
    {
        for (int i = 0; i < samples && assignment >= 8; i++)
        {
            long a = channels[0][i], b = channels[1][i];
            (channels[0][i], channels[1][i]) = assignment switch
            {
                8 => (a, a - b),
                9 => (a + b, b),
                _ => ((((a << 1) | (b & 1)) + b) >> 1, (((a << 1) | (b & 1)) - b) >> 1),
            };
        }
    }
}
