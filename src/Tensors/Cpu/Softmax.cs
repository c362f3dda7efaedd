using System.Runtime.CompilerServices;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>The parts of softmax over a row. Lane l takes the elements i with i % Count == l, in order.</summary>
internal static unsafe class Softmax<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>The largest of n ≥ 1 numbers.</summary>
    [MethodImpl(KernelCompilation.AtRunTime)]
    public static float Max(float* x, int n)
    {
        float largest = x[0];
        int i = 0;
        if (n >= S.Count)
        {
            V v = S.Load(x), w = v;
            for (i = S.Count; i + (2 * S.Count) <= n; i += 2 * S.Count)
            {
                v = S.Max(v, S.Load(x + i));
                w = S.Max(w, S.Load(x + i + S.Count));
            }

            for (; i + S.Count <= n; i += S.Count)
            {
                v = S.Max(v, S.Load(x + i));
            }

            largest = VectorMath<S, V>.Max(S.Max(v, w));
        }

        for (; i < n; i++)
        {
            largest = MathF.Max(largest, x[i]);
        }

        return largest;
    }

    /// <summary>x = factor * e^(x - shift); returns the sum without the factor.</summary>
    [MethodImpl(KernelCompilation.Optimized)]
    public static float Exponentials(float* x, int n, float shift, float factor = 1)
    {
        V sum = S.Zero, offset = S.Broadcast(shift), f = S.Broadcast(factor);
        int i = 0;
        for (; i + S.Count <= n; i += S.Count)
        {
            V e = VectorMath<S, V>.Exp(S.Subtract(S.Load(x + i), offset));
            S.Store(x + i, S.Multiply(e, f));
            sum = S.Add(sum, e);
        }

        float total = VectorMath<S, V>.Sum(sum);
        if (i < n)
        {
            float* rest = stackalloc float[16];
            S.Store(rest, VectorMath<S, V>.Exp(S.Subtract(VectorMath<S, V>.LoadPartial(x + i, n - i), offset)));
            for (int j = 0; i < n; i++, j++)
            {
                total += rest[j];
                x[i] = rest[j] * factor;
            }
        }

        return total;
    }

    /// <summary>x *= factor.</summary>
    [MethodImpl(KernelCompilation.Optimized)]
    public static void Scale(float* x, int n, float factor)
    {
        V f = S.Broadcast(factor);
        int i = 0;
        for (; i + S.Count <= n; i += S.Count)
        {
            S.Store(x + i, S.Multiply(S.Load(x + i), f));
        }

        for (; i < n; i++)
        {
            x[i] *= factor;
        }
    }
}
