using System.Buffers.Binary;

namespace Inference.Tensors.Quantization;

/// <summary>What the blocks of the quantised formats mean, by plain loops. Layouts: see <see cref="DType"/>.</summary>
internal static class BlockDecoder
{
    /// <summary>Decodes one block, of <see cref="DTypes.BlockBytes"/>, into <see cref="DTypes.BlockLength"/> floats.</summary>
    public static void Decode(DType type, ReadOnlySpan<byte> block, Span<float> values)
    {
        switch (type)
        {
            case DType.Q8_0:
                float scale = Half(block);
                for (int i = 0; i < 32; i++)
                {
                    values[i] = scale * (sbyte)block[2 + i];
                }

                break;
            case DType.Q4_0:
                Nibbles(values, Half(block), -8 * Half(block), 0, block[2..]);
                break;
            case DType.Q4_1:
                Nibbles(values, Half(block), Half(block[2..]), 0, block[4..]);
                break;
            case DType.Q5_0:
                Nibbles(values, Half(block), -16 * Half(block), BinaryPrimitives.ReadUInt32LittleEndian(block[2..]), block[6..]);
                break;
            case DType.Q5_1:
                Nibbles(values, Half(block), Half(block[2..]), BinaryPrimitives.ReadUInt32LittleEndian(block[4..]), block[8..]);
                break;
            case DType.Q4_K:
                SubBlocks(values, block, default, block[16..]);
                break;
            case DType.Q5_K:
                SubBlocks(values, block, block[16..48], block[48..]);
                break;
            case DType.Q6_K:
                SixBits(values, block);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "not a quantised format");
        }
    }

    /// <summary>The 6-bit scale and offset of sub-block <paramref name="j"/> in the 12 bytes of Q4_K and Q5_K.</summary>
    public static (int Scale, int Offset) Parameters(ReadOnlySpan<byte> packed, int j) => j < 4
        ? (packed[j] & 63, packed[j + 4] & 63)
        : ((packed[j + 4] & 15) | (packed[j - 4] >> 6 << 4), (packed[j + 4] >> 4) | (packed[j] >> 6 << 4));

    private static void Nibbles(Span<float> values, float scale, float offset, uint fifth, ReadOnlySpan<byte> nibbles)
    {
        for (int i = 0; i < 32; i++)
        {
            uint quant = ((uint)nibbles[i % 16] >> (i < 16 ? 0 : 4) & 15) | ((fifth >> i & 1) << 4);
            values[i] = (scale * quant) + offset;
        }
    }

    private static void SubBlocks(Span<float> values, ReadOnlySpan<byte> block, ReadOnlySpan<byte> fifth, ReadOnlySpan<byte> nibbles)
    {
        float d = Half(block), e = Half(block[2..]);
        for (int j = 0; j < 8; j++)
        {
            (int scale, int offset) = Parameters(block[4..16], j);
            for (int i = 0; i < 32; i++)
            {
                int quant = (nibbles[(j / 2 * 32) + i] >> (j % 2 * 4)) & 15;
                if (!fifth.IsEmpty)
                {
                    quant |= ((fifth[i] >> j) & 1) << 4;
                }

                values[(j * 32) + i] = (d * scale * quant) - (e * offset);
            }
        }
    }

    private static void SixBits(Span<float> values, ReadOnlySpan<byte> block)
    {
        float d = Half(block[208..]);
        for (int i = 0; i < 256; i++)
        {
            int half = i / 128, quarter = i % 128 / 32, nibble = block[(half * 64) + (i % 64)] >> (quarter / 2 * 4) & 15;
            int high = block[128 + (half * 32) + (i % 32)] >> (quarter * 2) & 3;
            values[i] = d * (sbyte)block[192 + (i / 16)] * ((nibble | (high << 4)) - 32);
        }
    }

    private static float Half(ReadOnlySpan<byte> source) => (float)BinaryPrimitives.ReadHalfLittleEndian(source);
}
