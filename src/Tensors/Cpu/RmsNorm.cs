using System.Runtime.CompilerServices;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>Root mean square normalisation (Zhang and Sennrich, 2019) by row, and its gradients.</summary>
internal static unsafe class RmsNorm<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Columns of the weight's gradient in a task.</summary>
    private const int ColumnsPerTask = 128;

    public static void Forward(CpuContext context, Tensor x, Tensor weight, float epsilon, Tensor y) =>
        context.Chunks(x.Rows, CpuContext.RowsPerTask(x.Columns), (first, last) =>
        {
            int n = x.Columns;
            for (int t = first; t < last; t++)
            {
                float* row = (float*)x.Data + ((long)t * n);
                Scale(row, (float*)weight.Data, InverseRms(row, n, epsilon), (float*)y.Data + ((long)t * n), n);
            }
        });

    public static void Backward(CpuContext context, Tensor x, Tensor weight, float epsilon, Tensor dy, Tensor dx, Tensor? dweight)
    {
        int n = x.Columns;
        float[] inverses = new float[x.Rows];
        context.Chunks(x.Rows, CpuContext.RowsPerTask(n), (first, last) =>
        {
            for (int t = first; t < last; t++)
            {
                long offset = (long)t * n;
                float* row = (float*)x.Data + offset;
                inverses[t] = InverseRms(row, n, epsilon);
                InputGradient(row, (float*)weight.Data, (float*)dy.Data + offset, inverses[t], (float*)dx.Data + offset, n);
            }
        });
        if (dweight is null)
        {
            return;
        }

        context.Chunks(n, ColumnsPerTask, (first, last) =>
        {
            for (int t = 0; t < x.Rows; t++)
            {
                long offset = ((long)t * n) + first;
                AddProduct((float*)x.Data + offset, (float*)dy.Data + offset, inverses[t], (float*)dweight.Data + first, last - first);
            }
        });
    }

    /// <summary>1 / sqrt(mean(x²) + epsilon).</summary>
    [MethodImpl(KernelCompilation.Optimized)]
    private static float InverseRms(float* x, int n, float epsilon)
    {
        // The rest of a vector comes first: a call after the loop would keep the sums in memory.
        int whole = n / S.Count * S.Count;
        V a = whole < n ? VectorMath<S, V>.LoadPartial(x + whole, n - whole) : S.Zero;
        a = S.Multiply(a, a);
        V b = S.Zero, c = S.Zero, d = S.Zero;
        int i = 0;
        for (; i + (4 * S.Count) <= whole; i += 4 * S.Count)
        {
            V v0 = S.Load(x + i), v1 = S.Load(x + i + S.Count), v2 = S.Load(x + i + (2 * S.Count)), v3 = S.Load(x + i + (3 * S.Count));
            a = S.Fma(v0, v0, a);
            b = S.Fma(v1, v1, b);
            c = S.Fma(v2, v2, c);
            d = S.Fma(v3, v3, d);
        }

        for (; i < whole; i += S.Count)
        {
            V v = S.Load(x + i);
            a = S.Fma(v, v, a);
        }

        return 1 / MathF.Sqrt((VectorMath<S, V>.Sum(S.Add(S.Add(a, b), S.Add(c, d))) / n) + epsilon);
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Scale(float* x, float* weight, float inverse, float* y, int n)
    {
        V factor = S.Broadcast(inverse);
        int i = 0;
        for (; i + S.Count <= n; i += S.Count)
        {
            S.Store(y + i, S.Multiply(S.Multiply(S.Load(x + i), factor), S.Load(weight + i)));
        }

        for (; i < n; i++)
        {
            y[i] = x[i] * inverse * weight[i];
        }
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void InputGradient(float* x, float* weight, float* dy, float inverse, float* dx, int n)
    {
        V sum = S.Zero;
        int i = 0;
        for (; i + S.Count <= n; i += S.Count)
        {
            sum = S.Fma(S.Multiply(S.Load(dy + i), S.Load(weight + i)), S.Load(x + i), sum);
        }

        float total = VectorMath<S, V>.Sum(sum);
        for (; i < n; i++)
        {
            total += dy[i] * weight[i] * x[i];
        }

        float pull = -inverse * inverse * inverse * total / n;
        V factor = S.Broadcast(inverse), back = S.Broadcast(pull);
        for (i = 0; i + S.Count <= n; i += S.Count)
        {
            V gradient = S.Fma(S.Multiply(S.Load(dy + i), S.Load(weight + i)), factor, S.Load(dx + i));
            S.Store(dx + i, S.Fma(S.Load(x + i), back, gradient));
        }

        for (; i < n; i++)
        {
            dx[i] += (dy[i] * weight[i] * inverse) + (x[i] * pull);
        }
    }

    /// <summary>y += a * b * factor.</summary>
    [MethodImpl(KernelCompilation.Optimized)]
    private static void AddProduct(float* a, float* b, float factor, float* y, int n)
    {
        V f = S.Broadcast(factor);
        int i = 0;
        for (; i + S.Count <= n; i += S.Count)
        {
            S.Store(y + i, S.Fma(S.Multiply(S.Load(a + i), f), S.Load(b + i), S.Load(y + i)));
        }

        for (; i < n; i++)
        {
            y[i] += a[i] * factor * b[i];
        }
    }
}
