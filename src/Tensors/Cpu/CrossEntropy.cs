using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>Weighted cross-entropy of softmax, its gradient replacing the logits.</summary>
internal static unsafe class CrossEntropy<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static double Run(CpuContext context, Tensor logits, int[] targets, float[] weights, float scale)
    {
        double[] losses = new double[logits.Rows];
        context.Chunks(logits.Rows, CpuContext.RowsPerTask(logits.Columns), (first, last) =>
        {
            int n = logits.Columns;
            for (int t = first; t < last; t++)
            {
                float* row = (float*)logits.Data + ((long)t * n);
                if (weights[t] == 0)
                {
                    new Span<float>(row, n).Clear();
                    continue;
                }

                float target = row[targets[t]];
                float largest = Softmax<S, V>.Max(row, n);
                float total = Softmax<S, V>.Exponentials(row, n, largest);
                losses[t] = weights[t] * ((double)largest + Math.Log(total) - target);
                float factor = scale * weights[t];
                Softmax<S, V>.Scale(row, n, factor / total);
                row[targets[t]] -= factor;
            }
        });
        return losses.Sum();
    }
}
