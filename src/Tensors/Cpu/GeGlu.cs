using System.Runtime.CompilerServices;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>gelu(gate) * up, by the tanh approximation of gelu: x / 2 (1 + tanh z) = x sigmoid(2z), z = sqrt(2 / pi) (x + 0.044715 x³).</summary>
internal static unsafe class GeGlu<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static void Forward(CpuContext context, Tensor gate, Tensor up, Tensor y) =>
        context.Chunks(gate.Rows, CpuContext.RowsPerTask(gate.Columns), (first, last) =>
        {
            long offset = (long)first * gate.Columns;
            Forward(
                (float*)gate.Data + offset, (float*)up.Data + offset, (float*)y.Data + offset, (long)(last - first) * gate.Columns);
        });

    [MethodImpl(KernelCompilation.AtRunTime)]
    private static void Forward(float* gate, float* up, float* y, long n)
    {
        long i = 0;
        for (; i + S.Count <= n; i += S.Count)
        {
            S.Store(y + i, Product(S.Load(gate + i), S.Load(up + i)));
        }

        if (i < n)
        {
            int rest = (int)(n - i);
            VectorMath<S, V>.StorePartial(
                y + i, Product(VectorMath<S, V>.LoadPartial(gate + i, rest), VectorMath<S, V>.LoadPartial(up + i, rest)), rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Product(V gate, V up)
    {
        // 2 sqrt(2 / pi) (x + 0.044715 x³) = x (1.5957691 + 0.0713548 x²)
        V angle = S.Multiply(gate, S.Fma(S.Multiply(gate, gate), S.Broadcast(0.07135481627f), S.Broadcast(1.595769122f)));
        return S.Multiply(S.Multiply(gate, VectorMath<S, V>.Sigmoid(angle)), up);
    }
}
