namespace Inference.Training.Speech;

/// <summary>
/// Connectionist temporal classification (Graves et al., 2006): the probability of a label sequence over all of its alignments
/// to the rows, blanks between. In double precision, by the forward and backward recursions on logarithms.
/// </summary>
public static class ConnectionistLoss
{
    /// <summary>
    /// Returns -log p(labels | logits) and replaces the logits [rows, classes] by scale times its gradient. The blank is the
    /// last class. Returns null and gradients of 0 when there are more labels than rows can hold.
    /// </summary>
    /// <param name="logits">Rows of a sequence, one after the other.</param>
    /// <param name="classes">Classes, the blank included.</param>
    /// <param name="labels">Labels, each below classes - 1; none: all rows are blank.</param>
    /// <param name="scale">Factor of the gradient.</param>
    public static double? ForwardBackward(Span<float> logits, int classes, ReadOnlySpan<int> labels, float scale)
    {
        int rows = logits.Length / classes, states = (2 * labels.Length) + 1;
        int[] symbols = new int[states];
        for (int s = 0; s < states; s++)
        {
            symbols[s] = s % 2 == 0 ? classes - 1 : labels[s / 2];
        }

        double[] logProbabilities = LogSoftmax(logits, classes);
        double[,] alpha = Forward(logProbabilities, classes, symbols, rows), beta = Backward(logProbabilities, classes, symbols, rows);
        double total = alpha[rows - 1, states - 1];
        if (states > 1)
        {
            total = LogAdd(total, alpha[rows - 1, states - 2]);
        }

        if (double.IsNegativeInfinity(total))
        {
            logits.Clear();
            return null;
        }

        double[] occupied = new double[classes];
        for (int t = 0; t < rows; t++)
        {
            Array.Clear(occupied);
            for (int s = 0; s < states; s++)
            {
                double log = alpha[t, s] + beta[t, s] - total;
                if (log > -50)
                {
                    occupied[symbols[s]] += Math.Exp(log);
                }
            }

            for (int c = 0; c < classes; c++)
            {
                logits[(t * classes) + c] = (float)(scale * (Math.Exp(logProbabilities[(t * classes) + c]) - occupied[c]));
            }
        }

        return -total;
    }

    private static double[] LogSoftmax(ReadOnlySpan<float> logits, int classes)
    {
        double[] result = new double[logits.Length];
        for (int start = 0; start < logits.Length; start += classes)
        {
            ReadOnlySpan<float> row = logits.Slice(start, classes);
            double largest = float.NegativeInfinity, sum = 0;
            foreach (float value in row)
            {
                largest = Math.Max(largest, value);
            }

            foreach (float value in row)
            {
                sum += MathF.Exp((float)(value - largest));
            }

            double shift = largest + Math.Log(sum);
            for (int c = 0; c < classes; c++)
            {
                result[start + c] = row[c] - shift;
            }
        }

        return result;
    }

    private static double[,] Forward(double[] log, int classes, int[] symbols, int rows)
    {
        double[,] alpha = Filled(rows, symbols.Length);
        alpha[0, 0] = log[symbols[0]];
        if (symbols.Length > 1)
        {
            alpha[0, 1] = log[symbols[1]];
        }

        for (int t = 1; t < rows; t++)
        {
            for (int s = 0; s < symbols.Length; s++)
            {
                double sum = alpha[t - 1, s];
                if (s > 0)
                {
                    sum = LogAdd(sum, alpha[t - 1, s - 1]);
                }

                if (MaySkip(symbols, s))
                {
                    sum = LogAdd(sum, alpha[t - 1, s - 2]);
                }

                alpha[t, s] = sum + log[(t * classes) + symbols[s]];
            }
        }

        return alpha;
    }

    /// <summary>beta[t, s]: the logarithm of the probability of all that follows row t.</summary>
    private static double[,] Backward(double[] log, int classes, int[] symbols, int rows)
    {
        double[,] beta = Filled(rows, symbols.Length);
        beta[rows - 1, symbols.Length - 1] = 0;
        if (symbols.Length > 1)
        {
            beta[rows - 1, symbols.Length - 2] = 0;
        }

        for (int t = rows - 2; t >= 0; t--)
        {
            int next = (t + 1) * classes;
            for (int s = 0; s < symbols.Length; s++)
            {
                double sum = beta[t + 1, s] + log[next + symbols[s]];
                if (s + 1 < symbols.Length)
                {
                    sum = LogAdd(sum, beta[t + 1, s + 1] + log[next + symbols[s + 1]]);
                }

                if (s + 2 < symbols.Length && MaySkip(symbols, s + 2))
                {
                    sum = LogAdd(sum, beta[t + 1, s + 2] + log[next + symbols[s + 2]]);
                }

                beta[t, s] = sum;
            }
        }

        return beta;
    }

    /// <summary>A label may follow another one without a blank between, unless they are equal.</summary>
    private static bool MaySkip(int[] symbols, int s) => s >= 2 && s % 2 == 1 && symbols[s] != symbols[s - 2];

    private static double[,] Filled(int rows, int states)
    {
        double[,] values = new double[rows, states];
        for (int t = 0; t < rows; t++)
        {
            for (int s = 0; s < states; s++)
            {
                values[t, s] = double.NegativeInfinity;
            }
        }

        return values;
    }

    private static double LogAdd(double a, double b)
    {
        double largest = Math.Max(a, b);
        return double.IsNegativeInfinity(largest) ? largest : largest + Math.Log(1 + Math.Exp(Math.Min(a, b) - largest));
    }
}
