namespace Inference.Tensors.Reference;

/// <content>Loss and optimiser.</content>
public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public int CrossEntropy(Tensor logits, ReadOnlySpan<int> targets, ReadOnlySpan<float> weights, float scale, Span<double> losses)
    {
        OperationShapes.CrossEntropy(logits, targets, weights, losses);
        int right = 0;
        for (int t = 0; t < logits.Rows; t++)
        {
            float[] row = logits.ReadRow(t);
            losses[t] = 0;
            if (weights[t] == 0)
            {
                logits.WriteRow(t, new float[row.Length]);
                continue;
            }

            double largest = row.Max();
            double total = row.Sum(value => Math.Exp(value - largest));
            right += row[targets[t]] >= largest ? 1 : 0;
            losses[t] = weights[t] * (largest + Math.Log(total) - row[targets[t]]);
            double factor = (double)scale * weights[t];
            for (int i = 0; i < row.Length; i++)
            {
                row[i] = (float)(factor * ((Math.Exp(row[i] - largest) / total) - (i == targets[t] ? 1 : 0)));
            }

            logits.WriteRow(t, row);
        }

        return right;
    }

    /// <inheritdoc/>
    public void AdamW(
        Tensor parameter, Tensor gradient, Tensor m, Tensor v, float gradientScale,
        float learningRate, float beta1, float beta2, float epsilon, float weightDecay, int step)
    {
        OperationShapes.AdamW(parameter, gradient, m, v, step);
        double correction1 = 1 - Math.Pow(beta1, step), correction2 = 1 - Math.Pow(beta2, step);
        float[][] g = Read(gradient), old = Read(parameter);
        float[][] oldM = Read(m), oldV = Read(v);
        Write(m, (t, i) => (beta1 * (double)oldM[t][i]) + ((1 - (double)beta1) * g[t][i] * gradientScale));
        Write(v, (t, i) => (beta2 * (double)oldV[t][i]) + ((1 - (double)beta2) * Math.Pow((double)g[t][i] * gradientScale, 2)));
        float[][] newM = Read(m), newV = Read(v);
        Write(parameter, (t, i) =>
        {
            double step1 = newM[t][i] / correction1 / (Math.Sqrt(newV[t][i] / correction2) + epsilon);
            return old[t][i] - (learningRate * (step1 + (weightDecay * (double)old[t][i])));
        });
    }
}
