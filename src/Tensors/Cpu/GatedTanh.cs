using System.Runtime.CompilerServices;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>tanh(a) sigmoid(b), the gate of WaveNet (van den Oord et al., 2016).</summary>
internal static unsafe class GatedTanh<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static void Forward(CpuContext context, Tensor x, Tensor y) =>
        context.Chunks(y.Rows, CpuContext.RowsPerTask(x.Columns), (first, last) =>
        {
            for (int row = first; row < last; row++)
            {
                Row((float*)x.Data + ((long)row * x.Columns), y.Columns, (float*)y.Data + ((long)row * y.Columns));
            }
        });

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Row(float* x, int n, float* y)
    {
        int i = 0;
        for (; i + S.Count <= n; i += S.Count)
        {
            S.Store(y + i, Value(S.Load(x + i), S.Load(x + n + i)));
        }

        if (i < n)
        {
            VectorMath<S, V>.StorePartial(
                y + i, Value(VectorMath<S, V>.LoadPartial(x + i, n - i), VectorMath<S, V>.LoadPartial(x + n + i, n - i)), n - i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Value(V a, V b) => S.Multiply(VectorMath<S, V>.Tanh(a), VectorMath<S, V>.Sigmoid(b));
}
