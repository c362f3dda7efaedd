using System.Runtime.CompilerServices;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>
/// gelu(x) = x Phi(x) = max(x, 0) - |x| q / 2, where q = erfc(|x| / sqrt 2) comes from Abramowitz and Stegun's 7.1.26
/// (absolute error at most 1.5e-7), and its gradient Phi(x) + x phi(x).
/// </summary>
internal static unsafe class Gelu<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    /// <summary>1 / sqrt(2 pi).</summary>
    private const float DensityAtZero = 0.3989422804f;

    public static void Forward(CpuContext context, Tensor x, Tensor y) =>
        context.Chunks(x.Rows, CpuContext.RowsPerTask(x.Columns), (first, last) =>
        {
            long offset = (long)first * x.Columns;
            Forward((float*)x.Data + offset, (float*)y.Data + offset, (long)(last - first) * x.Columns);
        });

    public static void Backward(CpuContext context, Tensor x, Tensor dy, Tensor dx) =>
        context.Chunks(x.Rows, CpuContext.RowsPerTask(x.Columns), (first, last) =>
        {
            long offset = (long)first * x.Columns;
            Backward((float*)x.Data + offset, (float*)dy.Data + offset, (float*)dx.Data + offset, (long)(last - first) * x.Columns);
        });

    [MethodImpl(KernelCompilation.AtRunTime)]
    private static void Forward(float* x, float* y, long n)
    {
        long i = 0;
        for (; i + S.Count <= n; i += S.Count)
        {
            S.Store(y + i, Value(S.Load(x + i)));
        }

        if (i < n)
        {
            int rest = (int)(n - i);
            VectorMath<S, V>.StorePartial(y + i, Value(VectorMath<S, V>.LoadPartial(x + i, rest)), rest);
        }
    }

    [MethodImpl(KernelCompilation.AtRunTime)]
    private static void Backward(float* x, float* dy, float* dx, long n)
    {
        long i = 0;
        for (; i + S.Count <= n; i += S.Count)
        {
            S.Store(dx + i, S.Fma(S.Load(dy + i), Slope(S.Load(x + i)), S.Load(dx + i)));
        }

        if (i < n)
        {
            int rest = (int)(n - i);
            V slope = Slope(VectorMath<S, V>.LoadPartial(x + i, rest));
            V sum = S.Fma(VectorMath<S, V>.LoadPartial(dy + i, rest), slope, VectorMath<S, V>.LoadPartial(dx + i, rest));
            VectorMath<S, V>.StorePartial(dx + i, sum, rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Value(V x)
    {
        V magnitude = S.Max(x, S.Subtract(S.Zero, x));
        V halfTail = S.Multiply(S.Multiply(Tail(magnitude), Bell(x)), S.Broadcast(0.5f));
        return S.Subtract(S.Max(x, S.Zero), S.Multiply(magnitude, halfTail));
    }

    /// <summary>Phi(x) = 1/2 + sign(x) (1/2 - q / 2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Slope(V x)
    {
        V half = S.Broadcast(0.5f), magnitude = S.Max(x, S.Subtract(S.Zero, x)), bell = Bell(x);
        V sign = S.Divide(x, S.Max(magnitude, S.Broadcast(1e-30f)));
        V beyond = S.Subtract(half, S.Multiply(S.Multiply(Tail(magnitude), bell), half));
        return S.Fma(sign, beyond, S.Fma(S.Multiply(x, S.Broadcast(DensityAtZero)), bell, half));
    }

    /// <summary>e^(-x² / 2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Bell(V x) => VectorMath<S, V>.Exp(S.Multiply(S.Multiply(x, x), S.Broadcast(-0.5f)));

    /// <summary>erfc(x / sqrt 2) / e^(-x² / 2) for x of 0 or more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Tail(V x)
    {
        V t = S.Divide(S.Broadcast(1), S.Fma(x, S.Broadcast(0.3275911f * 0.70710678f), S.Broadcast(1)));
        V p = S.Fma(S.Broadcast(1.061405429f), t, S.Broadcast(-1.453152027f));
        p = S.Fma(p, t, S.Broadcast(1.421413741f));
        p = S.Fma(p, t, S.Broadcast(-0.284496736f));
        p = S.Fma(p, t, S.Broadcast(0.254829592f));
        return S.Multiply(p, t);
    }
}
