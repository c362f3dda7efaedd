using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Inference.Tensors.Cpu.Panels;

namespace Inference.Tensors.Cpu.Quantized;

/// <summary>
/// x in signed bytes with a scale for each block of 32: the largest magnitude / 127, so that a number is off by at most 1/254
/// of it. The scale has the 11 bits of a binary16, as in ggml's Q8_0 (whole models then agree with llama.cpp's numbers), but
/// the range of a binary32. A block of R rows: quants [8 groups of 4][R][4], then [R] each: the scale; the scale times the sum of the quants;
/// as integers, the negative sums of all 32 quants, of the first and of the last 16. Infinite or undefined numbers make the
/// scale so.
/// </summary>
internal sealed unsafe class ActivationQ8 : ActivationFormat
{
    /// <summary>Bytes of a row in a block.</summary>
    public const int BlockBytes = 52;

    /// <summary>Rows of the largest tile.</summary>
    public const int MaxRows = 6;

    /// <summary>Numbers of the terms behind the quants.</summary>
    public const int Scales = 0, ScaledSums = 1, Sums = 2, FirstSums = 3;

    /// <summary>Below this the reciprocal of the scale would overflow; the block counts as zero.</summary>
    private const float Least = 1e-30f;

    /// <summary>1.5 * 2^23: added to a small number it leaves the nearest integer in the low bits.</summary>
    private const float RoundingBias = 12582912;

    public static ActivationQ8 Instance { get; } = new();

    public override int GroupRows => MaxRows;

    public override long GroupBytes(int rows, int columns) => columns / 32L * BlockBytes * rows;

    /// <summary>Encodes a row into a block of so many rows: the target is that of the row's first group.</summary>
    [MethodImpl(KernelCompilation.Optimized)]
    public static void EncodeRow(float* x, int columns, byte* target, nint rows)
    {
        Vector256<int> magnitude = Vector256.Create(0x7FFFFFFF);
        Vector256<float> bias = Vector256.Create(RoundingBias);
        nint stride = 4 * rows;
        for (int k = 0; k < columns; k += 32)
        {
            Vector256<float> a = Vector256.Load(x + k), b = Vector256.Load(x + k + 8), c = Vector256.Load(x + k + 16), d = Vector256.Load(x + k + 24);

            // The bits of magnitudes are in the order of the magnitudes, NaN above all: an undefined number is not lost.
            Vector256<int> most = Vector256.Max(
                Vector256.Max(a.AsInt32() & magnitude, b.AsInt32() & magnitude), Vector256.Max(c.AsInt32() & magnitude, d.AsInt32() & magnitude));
            Vector128<int> four = Vector128.Max(most.GetLower(), most.GetUpper());
            four = Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
            four = Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(1, 0, 3, 2)));
            float largest = four.AsSingle().ToScalar();
            Vector256<float> inverse = Vector256.Create(largest > Least ? 127 / largest : 0);
            Vector256<int> qa = ((a * inverse) + bias).AsInt32() - bias.AsInt32(), qb = ((b * inverse) + bias).AsInt32() - bias.AsInt32();
            Vector256<int> qc = ((c * inverse) + bias).AsInt32() - bias.AsInt32(), qd = ((d * inverse) + bias).AsInt32() - bias.AsInt32();
            Vector256<sbyte> quants = Vector256.Narrow(Vector256.Narrow(qa, qb), Vector256.Narrow(qc, qd));
            if (rows == 1)
            {
                quants.Store((sbyte*)target);
            }
            else
            {
                Vector256<int> words = quants.AsInt32();
                *(int*)target = words[0];
                *(int*)(target + stride) = words[1];
                *(int*)(target + (2 * stride)) = words[2];
                *(int*)(target + (3 * stride)) = words[3];
                *(int*)(target + (4 * stride)) = words[4];
                *(int*)(target + (5 * stride)) = words[5];
                *(int*)(target + (6 * stride)) = words[6];
                *(int*)(target + (7 * stride)) = words[7];
            }

            target += 8 * stride;
            int first = Vector256.Sum(qa + qb), last = Vector256.Sum(qc + qd);
            float scale = RoundedTo11Bits(largest / 127);
            *(float*)target = scale;
            *(float*)(target + stride) = scale * (first + last);
            *(int*)(target + (2 * stride)) = -(first + last);
            *(int*)(target + (3 * stride)) = -first;
            *(int*)(target + (4 * stride)) = -last;
            target += 5 * stride;
        }
    }

    public override void Encode(float* x, nint ldx, int rows, int columns, byte* group)
    {
        for (int r = 0; r < rows; r++)
        {
            EncodeRow(x + (r * ldx), columns, group + (4 * r), rows);
        }
    }

    private static float RoundedTo11Bits(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits + 0xFFF + ((bits >> 13) & 1)) & ~0x1FFFu);
    }
}
