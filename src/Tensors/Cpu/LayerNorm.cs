using System.Runtime.CompilerServices;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>Layer normalisation (Ba, Kiros, Hinton, 2016) by row, and its gradients. The variance is taken around the mean, in a second pass.</summary>
internal static unsafe class LayerNorm<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Columns of the gradients of weight and bias in a task.</summary>
    private const int ColumnsPerTask = 128;

    public static void Forward(CpuContext context, Tensor x, Tensor weight, Tensor bias, float epsilon, Tensor y) =>
        context.Chunks(x.Rows, CpuContext.RowsPerTask(x.Columns), (first, last) =>
        {
            int n = x.Columns;
            for (int t = first; t < last; t++)
            {
                float* row = (float*)x.Data + ((long)t * n);
                (float mean, float inverse) = Moments(row, n, epsilon);
                Normalise(row, mean, inverse, (float*)weight.Data, (float*)bias.Data, (float*)y.Data + ((long)t * n), n);
            }
        });

    public static void Backward(
        CpuContext context, Tensor x, Tensor weight, float epsilon, Tensor dy, Tensor dx, Tensor dweight, Tensor dbias)
    {
        int n = x.Columns;
        (float Mean, float Inverse)[] moments = new (float, float)[x.Rows];
        context.Chunks(x.Rows, CpuContext.RowsPerTask(n), (first, last) =>
        {
            for (int t = first; t < last; t++)
            {
                long offset = (long)t * n;
                float* row = (float*)x.Data + offset;
                moments[t] = Moments(row, n, epsilon);
                InputGradient(row, (float*)weight.Data, (float*)dy.Data + offset, moments[t].Mean, moments[t].Inverse, (float*)dx.Data + offset, n);
            }
        });
        context.Chunks(n, ColumnsPerTask, (first, last) =>
        {
            for (int t = 0; t < x.Rows; t++)
            {
                long offset = ((long)t * n) + first;
                WeightGradient(
                    (float*)x.Data + offset, (float*)dy.Data + offset, moments[t].Mean, moments[t].Inverse,
                    (float*)dweight.Data + first, (float*)dbias.Data + first, last - first);
            }
        });
    }

    /// <summary>The mean, and 1 / sqrt(variance + epsilon).</summary>
    [MethodImpl(KernelCompilation.Optimized)]
    private static (float Mean, float Inverse) Moments(float* x, int n, float epsilon)
    {
        V sum = S.Zero;
        int i = 0;
        for (; i + S.Count <= n; i += S.Count)
        {
            sum = S.Add(sum, S.Load(x + i));
        }

        float total = VectorMath<S, V>.Sum(sum);
        for (; i < n; i++)
        {
            total += x[i];
        }

        float mean = total / n;
        V center = S.Broadcast(mean), squares = S.Zero;
        for (i = 0; i + S.Count <= n; i += S.Count)
        {
            V difference = S.Subtract(S.Load(x + i), center);
            squares = S.Fma(difference, difference, squares);
        }

        float variance = VectorMath<S, V>.Sum(squares);
        for (; i < n; i++)
        {
            variance += (x[i] - mean) * (x[i] - mean);
        }

        return (mean, 1 / MathF.Sqrt((variance / n) + epsilon));
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Normalise(float* x, float mean, float inverse, float* weight, float* bias, float* y, int n)
    {
        V center = S.Broadcast(mean), factor = S.Broadcast(inverse);
        int i = 0;
        for (; i + S.Count <= n; i += S.Count)
        {
            V normal = S.Multiply(S.Subtract(S.Load(x + i), center), factor);
            S.Store(y + i, S.Fma(normal, S.Load(weight + i), S.Load(bias + i)));
        }

        for (; i < n; i++)
        {
            y[i] = ((x[i] - mean) * inverse * weight[i]) + bias[i];
        }
    }

    /// <summary>With g = dy * weight and n = (x - mean) * inverse: dx += inverse (g - mean(g) - n mean(g n)).</summary>
    [MethodImpl(KernelCompilation.Optimized)]
    private static void InputGradient(float* x, float* weight, float* dy, float mean, float inverse, float* dx, int n)
    {
        V center = S.Broadcast(mean), factor = S.Broadcast(inverse), sums = S.Zero, products = S.Zero;
        int i = 0;
        for (; i + S.Count <= n; i += S.Count)
        {
            V gradient = S.Multiply(S.Load(dy + i), S.Load(weight + i));
            sums = S.Add(sums, gradient);
            products = S.Fma(gradient, S.Multiply(S.Subtract(S.Load(x + i), center), factor), products);
        }

        float sum = VectorMath<S, V>.Sum(sums), product = VectorMath<S, V>.Sum(products);
        for (; i < n; i++)
        {
            float gradient = dy[i] * weight[i];
            sum += gradient;
            product += gradient * (x[i] - mean) * inverse;
        }

        sum /= n;
        product /= n;
        V level = S.Broadcast(sum), pull = S.Broadcast(-product);
        for (i = 0; i + S.Count <= n; i += S.Count)
        {
            V gradient = S.Subtract(S.Multiply(S.Load(dy + i), S.Load(weight + i)), level);
            V normal = S.Multiply(S.Subtract(S.Load(x + i), center), factor);
            S.Store(dx + i, S.Fma(S.Fma(normal, pull, gradient), factor, S.Load(dx + i)));
        }

        for (; i < n; i++)
        {
            dx[i] += ((dy[i] * weight[i]) - sum - ((x[i] - mean) * inverse * product)) * inverse;
        }
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void WeightGradient(float* x, float* dy, float mean, float inverse, float* dweight, float* dbias, int n)
    {
        V center = S.Broadcast(mean), factor = S.Broadcast(inverse);
        int i = 0;
        for (; i + S.Count <= n; i += S.Count)
        {
            V gradient = S.Load(dy + i), normal = S.Multiply(S.Subtract(S.Load(x + i), center), factor);
            S.Store(dweight + i, S.Fma(gradient, normal, S.Load(dweight + i)));
            S.Store(dbias + i, S.Add(gradient, S.Load(dbias + i)));
        }

        for (; i < n; i++)
        {
            dweight[i] += dy[i] * (x[i] - mean) * inverse;
            dbias[i] += dy[i];
        }
    }
}
