using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Inference.Tensors.Cpu.Panels;
using Inference.Tensors.Cpu.Simd;

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
        if (Avx512F.IsSupported)
        {
            EncodeRow512(x, columns, target, rows);
            return;
        }

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
                WriteGroups(quants.GetLower().AsInt32(), target, stride);
                WriteGroups(quants.GetUpper().AsInt32(), target + (4 * stride), stride);
            }

            target += 8 * stride;
            WriteTerms(target, stride, largest, Vector256.Sum(qa + qb), Vector256.Sum(qc + qd));
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

    /// <summary>The same bits by vectors of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EncodeRow512(float* x, int columns, byte* target, nint rows)
    {
        Vector512<int> magnitude = Vector512.Create(0x7FFFFFFF);
        Vector512<float> bias = Vector512.Create(RoundingBias);
        nint stride = 4 * rows;
        for (int k = 0; k < columns; k += 32)
        {
            Vector512<float> a = Vector512.Load(x + k), b = Vector512.Load(x + k + 16);
            float largest = Simd512.Largest(Vector512.Max(a.AsInt32() & magnitude, b.AsInt32() & magnitude));
            Vector512<float> inverse = Vector512.Create(largest > Least ? 127 / largest : 0);
            Vector512<int> qa = ((a * inverse) + bias).AsInt32() - bias.AsInt32(), qb = ((b * inverse) + bias).AsInt32() - bias.AsInt32();
            Vector128<sbyte> low = Avx512F.ConvertToVector128SByte(qa), high = Avx512F.ConvertToVector128SByte(qb);
            if (rows == 1)
            {
                low.Store((sbyte*)target);
                high.Store((sbyte*)target + 16);
            }
            else
            {
                WriteGroups(low.AsInt32(), target, stride);
                WriteGroups(high.AsInt32(), target + (4 * stride), stride);
            }

            target += 8 * stride;
            Vector256<int> ea = qa.GetLower() + qa.GetUpper(), eb = qb.GetLower() + qb.GetUpper();
            Vector128<int> sums = Ssse3.HorizontalAdd(ea.GetLower() + ea.GetUpper(), eb.GetLower() + eb.GetUpper());
            sums = Ssse3.HorizontalAdd(sums, sums);
            WriteTerms(target, stride, largest, sums.ToScalar(), sums.GetElement(1));
            target += 5 * stride;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteGroups(Vector128<int> quants, byte* target, nint stride)
    {
        *(int*)target = quants[0];
        *(int*)(target + stride) = quants[1];
        *(int*)(target + (2 * stride)) = quants[2];
        *(int*)(target + (3 * stride)) = quants[3];
    }

    /// <summary>What lies behind a block's quants.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteTerms(byte* target, nint stride, float largest, int first, int last)
    {
        float scale = RoundedTo11Bits(largest / 127);
        *(float*)target = scale;
        *(float*)(target + stride) = scale * (first + last);
        *(int*)(target + (2 * stride)) = -(first + last);
        *(int*)(target + (3 * stride)) = -first;
        *(int*)(target + (4 * stride)) = -last;
    }

    private static float RoundedTo11Bits(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits + 0xFFF + ((bits >> 13) & 1)) & ~0x1FFFu);
    }
}
