using Inference.Tensors.Cpu.Simd;

namespace Inference.Tensors.Cpu;

/// <summary>Weighted cross-entropy of softmax, its gradient replacing the logits.</summary>
internal static unsafe class CrossEntropy<S, V>
    where S : struct, ISimd<V>
    where V : struct
{
    public static int Run(CpuContext context, Tensor logits, int[] targets, float[] weights, float scale, Span<double> losses)
    {
        double[] lost = new double[logits.Rows];
        int right = 0;
        context.Chunks(logits.Rows, CpuContext.RowsPerTask(logits.Columns), (first, last) =>
        {
            int n = logits.Columns, count = 0;
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
                count += target >= largest ? 1 : 0;
                float total = Softmax<S, V>.Exponentials(row, n, largest);
                lost[t] = weights[t] * ((double)largest + Math.Log(total) - target);
                float factor = scale * weights[t];
                Softmax<S, V>.Scale(row, n, factor / total);
                row[targets[t]] -= factor;
            }

            Interlocked.Add(ref right, count);
        });
        lost.CopyTo(losses);
        return right;
    }
}
