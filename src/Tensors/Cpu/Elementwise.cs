using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>Sums: elementwise, of columns and of squares.</summary>
internal static unsafe class Elementwise<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>Elements in a task.</summary>
    private const int Chunk = 16384;

    public static void Add(CpuContext context, Tensor x, Tensor y) =>
        context.Pool.For(TaskCount(x), (task, _) =>
        {
            long first = (long)task * Chunk;
            Add((float*)x.Data + first, (float*)y.Data + first, Length(x, first));
        });

    public static void Scale(CpuContext context, Tensor x, float factor) =>
        context.Pool.For(TaskCount(x), (task, _) =>
        {
            long first = (long)task * Chunk;
            Softmax<S, V>.Scale((float*)x.Data + first, Length(x, first), factor);
        });

    public static void SoftCap(CpuContext context, Tensor x, float cap) =>
        context.Pool.For(TaskCount(x), (task, _) =>
        {
            long first = (long)task * Chunk;
            SoftCap((float*)x.Data + first, Length(x, first), cap);
        });

    public static double SumOfSquares(CpuContext context, Tensor x)
    {
        double[] sums = new double[TaskCount(x)];
        context.Pool.For(sums.Length, (task, _) => sums[task] = SumOfSquares((float*)x.Data + ((long)task * Chunk), Length(x, (long)task * Chunk)));
        return sums.Sum();
    }

    public static void AddColumnSums(CpuContext context, Tensor x, Tensor y) =>
        context.Chunks(x.Columns, 256, (first, last) =>
        {
            for (int t = 0; t < x.Rows; t++)
            {
                Add((float*)x.Data + ((long)t * x.Columns) + first, (float*)y.Data + first, last - first);
            }
        });

    /// <summary>y += x.</summary>
    [MethodImpl(KernelCompilation.Optimized)]
    public static void Add(float* x, float* y, int n)
    {
        int i = 0;
        for (; i + S.Count <= n; i += S.Count)
        {
            S.Store(y + i, S.Add(S.Load(y + i), S.Load(x + i)));
        }

        for (; i < n; i++)
        {
            y[i] += x[i];
        }
    }

    /// <summary>y += factor * x.</summary>
    [MethodImpl(KernelCompilation.Optimized)]
    public static void AddScaled(float* x, float factor, float* y, int n)
    {
        V f = S.Broadcast(factor);
        int i = 0;
        for (; i + S.Count <= n; i += S.Count)
        {
            S.Store(y + i, S.Fma(f, S.Load(x + i), S.Load(y + i)));
        }

        for (; i < n; i++)
        {
            y[i] = MathF.FusedMultiplyAdd(factor, x[i], y[i]);
        }
    }

    /// <summary>x = cap * tanh(x / cap).</summary>
    [MethodImpl(KernelCompilation.Optimized)]
    public static void SoftCap(float* x, int n, float cap)
    {
        V limit = S.Broadcast(cap);
        int i = 0;
        for (; i + S.Count <= n; i += S.Count)
        {
            S.Store(x + i, VectorMath<S, V>.SoftCap(S.Load(x + i), limit));
        }

        if (i < n)
        {
            VectorMath<S, V>.StorePartial(x + i, VectorMath<S, V>.SoftCap(VectorMath<S, V>.LoadPartial(x + i, n - i), limit), n - i);
        }
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static double SumOfSquares(float* x, int n)
    {
        Vector256<double> a = Vector256<double>.Zero, b = a, c = a, d = a;
        int i = 0;
        for (; i + 16 <= n; i += 16)
        {
            (Vector256<double> v0, Vector256<double> v1) = Vector256.Widen(Vector256.Load(x + i));
            (Vector256<double> v2, Vector256<double> v3) = Vector256.Widen(Vector256.Load(x + i + 8));
            a += v0 * v0;
            b += v1 * v1;
            c += v2 * v2;
            d += v3 * v3;
        }

        double rest = 0;
        for (; i < n; i++)
        {
            rest += (double)x[i] * x[i];
        }

        return Vector256.Sum(a + b + (c + d)) + rest;
    }

    private static int TaskCount(Tensor x) => (int)((((long)x.Rows * x.Columns) + Chunk - 1) / Chunk);

    private static int Length(Tensor x, long first) => (int)Math.Min(Chunk, ((long)x.Rows * x.Columns) - first);
}
