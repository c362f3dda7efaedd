using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>Copies strips of matrices into the order in which <see cref="OuterProductTile{S, V}"/> reads them.</summary>
internal static unsafe class Packing
{
    /// <summary>
    /// target[k * stride + r] = source[r * ld + k] for <paramref name="rows"/> rows, times <paramref name="factor"/>;
    /// the places of rows up to <paramref name="stride"/> are filled with zeros.
    /// </summary>
    [MethodImpl(KernelCompilation.Optimized)]
    public static void Transpose(float* source, nint ld, int rows, int length, float* target, int stride, float factor = 1)
    {
        Vector128<float> f = Vector128.Create(factor);
        int r = 0;
        for (; r + 4 <= rows; r += 4)
        {
            float* s0 = source + (r * ld), s1 = s0 + ld, s2 = s1 + ld, s3 = s2 + ld;
            float* t = target + r;
            int k = 0;
            for (; k + 4 <= length; k += 4)
            {
                Vector128<float> a = Vector128.Load(s0 + k) * f, b = Vector128.Load(s1 + k) * f;
                Vector128<float> c = Vector128.Load(s2 + k) * f, d = Vector128.Load(s3 + k) * f;
                Vector128<float> acLow = Simd128.UnpackLow(a, c), acHigh = Simd128.UnpackHigh(a, c);
                Vector128<float> bdLow = Simd128.UnpackLow(b, d), bdHigh = Simd128.UnpackHigh(b, d);
                Simd128.UnpackLow(acLow, bdLow).Store(t);
                Simd128.UnpackHigh(acLow, bdLow).Store(t + stride);
                Simd128.UnpackLow(acHigh, bdHigh).Store(t + (2 * stride));
                Simd128.UnpackHigh(acHigh, bdHigh).Store(t + (3 * stride));
                t += 4 * stride;
            }

            for (; k < length; k++)
            {
                t[0] = s0[k] * factor;
                t[1] = s1[k] * factor;
                t[2] = s2[k] * factor;
                t[3] = s3[k] * factor;
                t += stride;
            }
        }

        for (; r < stride; r++)
        {
            for (int k = 0; k < length; k++)
            {
                target[(k * stride) + r] = r < rows ? source[(r * ld) + k] * factor : 0;
            }
        }
    }

    /// <summary>
    /// target[k * stride + j] = source[k * ld + j] for <paramref name="columns"/> columns, then zeros up to <paramref name="stride"/>.
    /// </summary>
    [MethodImpl(KernelCompilation.Optimized)]
    public static void Copy(float* source, nint ld, int length, int columns, float* target, int stride)
    {
        for (; length > 0; length--)
        {
            int j = 0;
            for (; j + 4 <= columns; j += 4)
            {
                Vector128.Load(source + j).Store(target + j);
            }

            for (; j < stride; j++)
            {
                target[j] = j < columns ? source[j] : 0;
            }

            source += ld;
            target += stride;
        }
    }
}
