using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>Rotary position embedding (Su et al., RoFormer, 2021), in place.</summary>
internal static unsafe class Rotary<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static void Run(
        CpuContext context, Tensor x, int[] positions, Tensor cos, Tensor sin, int headDimension, RotaryStyle style, bool inverse) =>
        context.Chunks(x.Rows, CpuContext.RowsPerTask(x.Columns), (first, last) =>
        {
            int half = cos.Columns;
            for (int t = first; t < last; t++)
            {
                float* c = (float*)cos.Data + ((long)positions[t] * half), s = (float*)sin.Data + ((long)positions[t] * half);
                for (int head = 0; head < x.Columns; head += headDimension)
                {
                    float* row = (float*)x.Data + ((long)t * x.Columns) + head;
                    if (style == RotaryStyle.HalfSplit)
                    {
                        RotateHalves(row, c, s, half, inverse ? -1 : 1);
                    }
                    else
                    {
                        RotatePairs(row, c, s, half, inverse ? -1 : 1);
                    }
                }
            }
        });

    [MethodImpl(KernelCompilation.Optimized)]
    private static void RotateHalves(float* x, float* cos, float* sin, int half, float sign)
    {
        V direction = S.Broadcast(sign);
        int i = 0;
        for (; i + S.Count <= half; i += S.Count)
        {
            V a = S.Load(x + i), b = S.Load(x + half + i), c = S.Load(cos + i), s = S.Multiply(S.Load(sin + i), direction);
            S.Store(x + i, S.Subtract(S.Multiply(a, c), S.Multiply(b, s)));
            S.Store(x + half + i, S.Add(S.Multiply(a, s), S.Multiply(b, c)));
        }

        for (; i < half; i++)
        {
            float a = x[i], b = x[half + i], s = sin[i] * sign;
            x[i] = (a * cos[i]) - (b * s);
            x[half + i] = (a * s) + (b * cos[i]);
        }
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void RotatePairs(float* x, float* cos, float* sin, int half, float sign)
    {
        Vector128<float> direction = Vector128.Create(-sign, sign, -sign, sign);
        int i = 0;
        for (; i + 2 <= half; i += 2)
        {
            Vector128<float> v = Vector128.Load(x + (2 * i));
            Vector128<float> c = Vector128.Create(cos[i], cos[i], cos[i + 1], cos[i + 1]);
            Vector128<float> s = Vector128.Create(sin[i], sin[i], sin[i + 1], sin[i + 1]) * direction;
            ((v * c) + (Vector128.Shuffle(v, Vector128.Create(1, 0, 3, 2)) * s)).Store(x + (2 * i));
        }

        for (; i < half; i++)
        {
            float a = x[2 * i], b = x[(2 * i) + 1], s = sin[i] * sign;
            x[2 * i] = (a * cos[i]) - (b * s);
            x[(2 * i) + 1] = (a * s) + (b * cos[i]);
        }
    }
}
