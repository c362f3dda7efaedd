using System.Runtime.CompilerServices;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>silu(gate) * up (Shazeer, GLU variants improve transformer, 2020), and its gradients.</summary>
internal static unsafe class SwiGlu<S, V>
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

    public static void Backward(CpuContext context, Tensor gate, Tensor up, Tensor dy, Tensor dgate, Tensor dup) =>
        context.Chunks(gate.Rows, CpuContext.RowsPerTask(gate.Columns), (first, last) =>
        {
            long offset = (long)first * gate.Columns;
            Backward(
                (float*)gate.Data + offset, (float*)up.Data + offset, (float*)dy.Data + offset,
                (float*)dgate.Data + offset, (float*)dup.Data + offset, (long)(last - first) * gate.Columns);
        });

    [MethodImpl(KernelCompilation.Optimized)]
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

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Backward(float* gate, float* up, float* dy, float* dgate, float* dup, long n)
    {
        long i = 0;
        for (; i + S.Count <= n; i += S.Count)
        {
            Gradients(S.Load(gate + i), S.Load(up + i), S.Load(dy + i), out V gateGradient, out V upGradient);
            S.Store(dgate + i, S.Add(S.Load(dgate + i), gateGradient));
            S.Store(dup + i, S.Add(S.Load(dup + i), upGradient));
        }

        if (i < n)
        {
            int rest = (int)(n - i);
            Gradients(Partial(gate + i, rest), Partial(up + i, rest), Partial(dy + i, rest), out V gateGradient, out V upGradient);
            VectorMath<S, V>.StorePartial(dgate + i, S.Add(Partial(dgate + i, rest), gateGradient), rest);
            VectorMath<S, V>.StorePartial(dup + i, S.Add(Partial(dup + i, rest), upGradient), rest);
        }
    }

    private static V Partial(float* source, int count) => VectorMath<S, V>.LoadPartial(source, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Product(V gate, V up) => S.Multiply(S.Multiply(gate, VectorMath<S, V>.Sigmoid(gate)), up);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gradients(V gate, V up, V dy, out V gateGradient, out V upGradient)
    {
        V sigmoid = VectorMath<S, V>.Sigmoid(gate);
        V silu = S.Multiply(gate, sigmoid);
        upGradient = S.Multiply(dy, silu);

        // silu' = sigmoid (1 + gate (1 - sigmoid)) = sigmoid + silu (1 - sigmoid)
        V slope = S.Fma(silu, S.Subtract(S.Broadcast(1), sigmoid), sigmoid);
        gateGradient = S.Multiply(S.Multiply(dy, up), slope);
    }
}
