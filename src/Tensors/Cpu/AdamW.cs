using System.Runtime.CompilerServices;
using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>One step of AdamW (Loshchilov and Hutter, Decoupled weight decay regularization, 2019).</summary>
internal static unsafe class AdamW<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static void Run(CpuContext context, Tensor parameter, Tensor gradient, Tensor m, Tensor v, in AdamWStep step)
    {
        AdamWStep settings = step;
        context.Chunks(parameter.Rows, CpuContext.RowsPerTask(parameter.Columns), (first, last) =>
        {
            long offset = (long)first * parameter.Columns;
            Update(
                (float*)parameter.Data + offset, (float*)gradient.Data + offset, (float*)m.Data + offset, (float*)v.Data + offset,
                (long)(last - first) * parameter.Columns, settings);
        });
    }

    [MethodImpl(KernelCompilation.Optimized)]
    private static void Update(float* parameter, float* gradient, float* m, float* v, long n, in AdamWStep step)
    {
        V scale = S.Broadcast(step.GradientScale), beta1 = S.Broadcast(step.Beta1), beta2 = S.Broadcast(step.Beta2);
        V rest1 = S.Broadcast(1 - step.Beta1), rest2 = S.Broadcast(1 - step.Beta2);
        V rate = S.Broadcast(-step.LearningRate / step.Correction1), root = S.Broadcast(1 / MathF.Sqrt(step.Correction2));
        V epsilon = S.Broadcast(step.Epsilon), keep = S.Broadcast(1 - (step.LearningRate * step.WeightDecay));
        long i = 0;
        for (; i + S.Count <= n; i += S.Count)
        {
            V g = S.Multiply(S.Load(gradient + i), scale);
            V first = S.Fma(S.Load(m + i), beta1, S.Multiply(g, rest1));
            V second = S.Fma(S.Load(v + i), beta2, S.Multiply(S.Multiply(g, g), rest2));
            S.Store(m + i, first);
            S.Store(v + i, second);
            V divisor = S.Fma(S.Sqrt(second), root, epsilon);
            S.Store(parameter + i, S.Fma(S.Divide(first, divisor), rate, S.Multiply(S.Load(parameter + i), keep)));
        }

        for (; i < n; i++)
        {
            float g = gradient[i] * step.GradientScale;
            m[i] = (m[i] * step.Beta1) + (g * (1 - step.Beta1));
            v[i] = (v[i] * step.Beta2) + (g * g * (1 - step.Beta2));
            float divisor = (MathF.Sqrt(v[i]) / MathF.Sqrt(step.Correction2)) + step.Epsilon;
            parameter[i] = (parameter[i] * (1 - (step.LearningRate * step.WeightDecay)))
                - (step.LearningRate / step.Correction1 * m[i] / divisor);
        }
    }
}
