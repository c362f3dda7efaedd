using System.Buffers.Binary;

namespace Inference.Tensors.Quantization;

/// <summary>
/// Quantises blocks. Symmetric formats of 32 choose the scale as GGUF's writers do: largest magnitude / 127 (Q8_0), the
/// signed largest / -8 or -16 (Q4_0, Q5_0). Formats with an offset span the least and largest number; Q4_K and Q5_K then
/// improve scale and offset once by least squares, and round them to 6 bits of the largest of the block. Q6_K takes the
/// signed largest of 16 / -32. There is no search over scales, nor an importance matrix.
/// </summary>
internal static class BlockEncoder
{
    /// <summary>Encodes the numbers of one block.</summary>
    public static void Encode(DType type, ReadOnlySpan<float> values, Span<byte> block)
    {
        block.Clear();
        switch (type)
        {
            case DType.Q8_0:
                EightBits(values, block);
                break;
            case DType.Q4_0:
                Symmetric(values, block, 4);
                break;
            case DType.Q5_0:
                Symmetric(values, block, 5);
                break;
            case DType.Q4_1:
                Spanning(values, block, 4);
                break;
            case DType.Q5_1:
                Spanning(values, block, 5);
                break;
            case DType.Q4_K:
                SubBlocks(values, block, 4);
                break;
            case DType.Q5_K:
                SubBlocks(values, block, 5);
                break;
            case DType.Q6_K:
                SixBits(values, block);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "not a quantised format");
        }
    }

    private static void EightBits(ReadOnlySpan<float> values, Span<byte> block)
    {
        float d = MathF.Abs(Largest(values)) / 127, inverse = Inverse(d);
        Write(block, d);
        for (int i = 0; i < 32; i++)
        {
            block[2 + i] = (byte)(sbyte)MathF.Round(values[i] * inverse, MidpointRounding.AwayFromZero);
        }
    }

    private static void Symmetric(ReadOnlySpan<float> values, Span<byte> block, int bits)
    {
        int zero = 1 << (bits - 1);
        float d = Largest(values) / -zero, inverse = Inverse(d);
        Write(block, d);
        for (int i = 0; i < 32; i++)
        {
            Store(block[2..], bits, i, Math.Min((2 * zero) - 1, (int)((values[i] * inverse) + zero + 0.5f)));
        }
    }

    private static void Spanning(ReadOnlySpan<float> values, Span<byte> block, int bits)
    {
        (float least, float largest) = Range(values);
        int top = (1 << bits) - 1;
        float d = (largest - least) / top, inverse = Inverse(d);
        Write(block, d);
        Write(block[2..], least);
        for (int i = 0; i < 32; i++)
        {
            Store(block[4..], bits, i, Math.Min(top, (int)(((values[i] - least) * inverse) + 0.5f)));
        }
    }

    /// <summary>Quant i of 32 in nibbles, behind 4 bytes of fifth bits where there are five.</summary>
    private static void Store(Span<byte> target, int bits, int i, int quant)
    {
        if (bits == 5)
        {
            target[i / 8] |= (byte)(quant >> 4 << (i % 8));
            target = target[4..];
        }

        target[i % 16] |= (byte)((quant & 15) << (i < 16 ? 0 : 4));
    }

    private static void SubBlocks(ReadOnlySpan<float> values, Span<byte> block, int bits)
    {
        int top = (1 << bits) - 1;
        Span<float> scales = stackalloc float[8], offsets = stackalloc float[8];
        for (int j = 0; j < 8; j++)
        {
            (scales[j], offsets[j]) = Fit(values.Slice(j * 32, 32), top);
        }

        float d = Largest(scales) / 63, e = Largest(offsets) / 63;
        Write(block, d);
        Write(block[2..], e);
        d = (float)BinaryPrimitives.ReadHalfLittleEndian(block);
        e = (float)BinaryPrimitives.ReadHalfLittleEndian(block[2..]);
        Span<byte> packed = block[4..16], fifth = bits == 5 ? block[16..48] : default, nibbles = block[(bits == 5 ? 48 : 16)..];
        for (int j = 0; j < 8; j++)
        {
            int scale = Nearest(scales[j] * Inverse(d), 63), offset = Nearest(offsets[j] * Inverse(e), 63);
            Pack(packed, j, scale, offset);
            float inverse = Inverse(d * scale), shift = e * offset;
            for (int i = 0; i < 32; i++)
            {
                int quant = Nearest((values[(j * 32) + i] + shift) * inverse, top);
                nibbles[(j / 2 * 32) + i] |= (byte)((quant & 15) << (j % 2 * 4));
                if (bits == 5)
                {
                    fifth[i] |= (byte)(quant >> 4 << j);
                }
            }
        }
    }

    /// <summary>A scale s >= 0 and an offset t >= 0 such that s * quant - t is near the values for quants in [0, top].</summary>
    private static (float Scale, float Offset) Fit(ReadOnlySpan<float> values, int top)
    {
        (float least, float largest) = Range(values);
        least = Math.Min(least, 0);
        float scale = (largest - least) / top, inverse = Inverse(scale);
        float q1 = 0, q2 = 0, v1 = 0, vq = 0;
        foreach (float value in values)
        {
            float quant = Nearest((value - least) * inverse, top);
            q1 += quant;
            q2 += quant * quant;
            v1 += value;
            vq += value * quant;
        }

        float determinant = (values.Length * q2) - (q1 * q1);
        float fitted = ((values.Length * vq) - (q1 * v1)) / determinant, offset = ((q1 * vq) - (q2 * v1)) / determinant;
        return determinant > 0 && fitted > 0 && offset >= 0 ? (fitted, offset) : (scale, -least);
    }

    /// <summary>The inverse of <see cref="BlockDecoder.Parameters"/>.</summary>
    private static void Pack(Span<byte> packed, int j, int scale, int offset)
    {
        if (j < 4)
        {
            packed[j] |= (byte)scale;
            packed[j + 4] |= (byte)offset;
            return;
        }

        packed[j + 4] |= (byte)((scale & 15) | ((offset & 15) << 4));
        packed[j - 4] |= (byte)(scale >> 4 << 6);
        packed[j] |= (byte)(offset >> 4 << 6);
    }

    private static void SixBits(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<float> scales = stackalloc float[16];
        for (int j = 0; j < 16; j++)
        {
            scales[j] = Largest(values.Slice(j * 16, 16)) / -32;
        }

        Write(block[208..], Largest(scales) / -128);
        float d = (float)BinaryPrimitives.ReadHalfLittleEndian(block[208..]);
        for (int j = 0; j < 16; j++)
        {
            sbyte scale = (sbyte)Math.Clamp(MathF.Round(scales[j] * Inverse(d)), -128, 127);
            block[192 + j] = (byte)scale;
            float inverse = Inverse(d * scale);
            for (int i = j * 16; i < (j + 1) * 16; i++)
            {
                int quant = Nearest((values[i] * inverse) + 32, 63), half = i / 128, quarter = i % 128 / 32;
                block[(half * 64) + (i % 64)] |= (byte)((quant & 15) << (quarter / 2 * 4));
                block[128 + (half * 32) + (i % 32)] |= (byte)(quant >> 4 << (quarter * 2));
            }
        }
    }

    private static int Nearest(float value, int top) => (int)(Math.Clamp(value, 0, top) + 0.5f);

    private static float Inverse(float value) => value == 0 ? 0 : 1 / value;

    private static (float Least, float Largest) Range(ReadOnlySpan<float> values)
    {
        float least = values[0], largest = values[0];
        foreach (float value in values)
        {
            least = Math.Min(least, value);
            largest = Math.Max(largest, value);
        }

        return (least, largest);
    }

    /// <summary>The number of the largest magnitude.</summary>
    private static float Largest(ReadOnlySpan<float> values)
    {
        float largest = 0;
        foreach (float value in values)
        {
            largest = MathF.Abs(value) > MathF.Abs(largest) ? value : largest;
        }

        return largest;
    }

    private static void Write(Span<byte> target, float value) => BinaryPrimitives.WriteHalfLittleEndian(target, (Half)value);
}
