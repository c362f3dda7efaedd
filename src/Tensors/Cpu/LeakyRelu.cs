using System.Runtime.CompilerServices;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>max(x, slope x), for slopes of 0 to 1.</summary>
internal static unsafe class LeakyRelu<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static void Forward(CpuContext context, Tensor x, float slope, Tensor y) =>
        context.Chunks(x.Rows, CpuContext.RowsPerTask(x.Columns), (first, last) =>
        {
            long offset = (long)first * x.Columns;
            Forward((float*)x.Data + offset, slope, (float*)y.Data + offset, (long)(last - first) * x.Columns);
        });

    [MethodImpl(KernelCompilation.AtRunTime)]
    private static void Forward(float* x, float slope, float* y, long n)
    {
        V factor = S.Broadcast(slope);
        long i = 0;
        for (; i + S.Count <= n; i += S.Count)
        {
            V value = S.Load(x + i);
            S.Store(y + i, S.Max(value, S.Multiply(value, factor)));
        }

        for (; i < n; i++)
        {
            y[i] = x[i] >= 0 ? x[i] : slope * x[i];
        }
    }
}
