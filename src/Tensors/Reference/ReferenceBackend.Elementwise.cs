namespace Inference.Tensors.Reference;

/// <content>Norms, gates, rotations and sums.</content>
public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void RmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y)
    {
        OperationShapes.RmsNorm(x, weight, y);
        float[] w = weight.ReadRow(0);
        for (int t = 0; t < x.Rows; t++)
        {
            float[] row = x.ReadRow(t);
            double inverse = InverseRms(row, epsilon);
            y.WriteRow(t, [.. row.Select((value, i) => (float)(value * inverse * w[i]))]);
        }
    }

    /// <inheritdoc/>
    public void RmsNormBackward(Tensor x, Tensor weight, float epsilon, Tensor dy, Tensor dx, Tensor? dweight)
    {
        OperationShapes.RmsNormBackward(x, weight, dy, dx, dweight);
        int n = x.Columns;
        float[] w = weight.ReadRow(0);
        float[][] a = Read(x), d = Read(dy);
        double[] inverse = [.. a.Select(row => InverseRms(row, epsilon))];
        double[] mean = [.. a.Select((row, t) => Sum(n, i => (double)d[t][i] * w[i] * row[i]) / n)];
        Accumulate(dx, (t, i) => (inverse[t] * d[t][i] * w[i]) - (inverse[t] * inverse[t] * inverse[t] * mean[t] * a[t][i]));
        if (dweight is not null)
        {
            Accumulate(dweight, (_, i) => Sum(x.Rows, t => d[t][i] * a[t][i] * inverse[t]));
        }
    }

    /// <inheritdoc/>
    public void LayerNorm(Tensor x, Tensor weight, Tensor bias, float epsilon, Tensor y)
    {
        OperationShapes.LayerNorm(x, weight, bias, y);
        float[] w = weight.ReadRow(0), b = bias.ReadRow(0);
        double[][] normal = [.. Read(x).Select(row => Normalised(row, epsilon).Values)];
        Write(y, (t, i) => (normal[t][i] * w[i]) + b[i]);
    }

    /// <inheritdoc/>
    public void LayerNormBackward(Tensor x, Tensor weight, float epsilon, Tensor dy, Tensor dx, Tensor dweight, Tensor dbias)
    {
        OperationShapes.LayerNormBackward(x, weight, dy, dx, dweight, dbias);
        int n = x.Columns;
        float[] w = weight.ReadRow(0);
        float[][] d = Read(dy);
        (double[] Values, double Inverse)[] normal = [.. Read(x).Select(row => Normalised(row, epsilon))];
        double[] mean = [.. d.Select(row => Sum(n, i => (double)row[i] * w[i]) / n)];
        double[] product = [.. d.Select((row, t) => Sum(n, i => (double)row[i] * w[i] * normal[t].Values[i]) / n)];
        Accumulate(dx, (t, i) => normal[t].Inverse * (((double)d[t][i] * w[i]) - mean[t] - (normal[t].Values[i] * product[t])));
        Accumulate(dweight, (_, i) => Sum(x.Rows, t => d[t][i] * normal[t].Values[i]));
        Accumulate(dbias, (_, i) => Sum(x.Rows, t => d[t][i]));
    }

    /// <inheritdoc/>
    public void Gelu(Tensor x, Tensor y)
    {
        OperationShapes.Elementwise(x, y);
        float[][] a = Read(x);
        Write(y, (t, i) => a[t][i] * NormalDistribution(a[t][i]));
    }

    /// <inheritdoc/>
    public void GeluBackward(Tensor x, Tensor dy, Tensor dx)
    {
        OperationShapes.GeluBackward(x, dy, dx);
        float[][] a = Read(x), d = Read(dy);
        Accumulate(dx, (t, i) => d[t][i] * (NormalDistribution(a[t][i]) + (a[t][i] * Math.Exp(-0.5 * a[t][i] * a[t][i]) / Math.Sqrt(2 * Math.PI))));
    }

    /// <inheritdoc/>
    public void Add(Tensor x, Tensor y)
    {
        OperationShapes.Elementwise(x, y);
        float[][] a = Read(x);
        Accumulate(y, (t, i) => a[t][i]);
    }

    /// <inheritdoc/>
    public void Scale(Tensor x, float factor)
    {
        Require.Float(x);
        float[][] a = Read(x);
        Write(x, (t, i) => (double)a[t][i] * factor);
    }

    /// <inheritdoc/>
    public void SoftCap(Tensor x, float cap)
    {
        OperationShapes.SoftCap(x, cap);
        float[][] a = Read(x);
        Write(x, (t, i) => cap * Math.Tanh((double)a[t][i] / cap));
    }

    /// <inheritdoc/>
    public void ScatterAddRows(Tensor x, ReadOnlySpan<int> rows, ReadOnlySpan<float> weights, Tensor y)
    {
        OperationShapes.ScatterAddRows(x, rows, weights, y);
        for (int i = 0; i < rows.Length; i++)
        {
            double weight = weights[i];
            float[] row = x.ReadRow(i);
            y.WriteRow(rows[i], [.. y.ReadRow(rows[i]).Select((value, j) => (float)(value + (weight * row[j])))]);
        }
    }

    /// <inheritdoc/>
    public void Rotary(
        Tensor x, ReadOnlySpan<int> positions, Tensor cos, Tensor sin, int headDimension, RotaryStyle style, bool inverse = false)
    {
        OperationShapes.Rotary(x, positions, cos, sin, headDimension);
        int half = cos.Columns;
        for (int t = 0; t < x.Rows; t++)
        {
            float[] row = x.ReadRow(t), c = cos.ReadRow(positions[t]), s = sin.ReadRow(positions[t]);
            for (int head = 0; head < row.Length; head += headDimension)
            {
                for (int i = 0; i < half; i++)
                {
                    int first = head + (style == RotaryStyle.HalfSplit ? i : 2 * i);
                    int second = style == RotaryStyle.HalfSplit ? first + half : first + 1;
                    double a = row[first], b = row[second], sine = inverse ? -s[i] : s[i];
                    row[first] = (float)((a * c[i]) - (b * sine));
                    row[second] = (float)((a * sine) + (b * c[i]));
                }
            }

            x.WriteRow(t, row);
        }
    }

    /// <inheritdoc/>
    public void SwiGlu(Tensor gate, Tensor up, Tensor y)
    {
        OperationShapes.SwiGlu(gate, up, y);
        float[][] g = Read(gate), u = Read(up);
        Write(y, (t, i) => g[t][i] * Sigmoid(g[t][i]) * u[t][i]);
    }

    /// <inheritdoc/>
    public void SwiGluBackward(Tensor gate, Tensor up, Tensor dy, Tensor dgate, Tensor dup)
    {
        OperationShapes.SwiGluBackward(gate, up, dy, dgate, dup);
        float[][] g = Read(gate), u = Read(up), d = Read(dy);
        Accumulate(dup, (t, i) => d[t][i] * g[t][i] * Sigmoid(g[t][i]));
        Accumulate(dgate, (t, i) => d[t][i] * u[t][i] * Sigmoid(g[t][i]) * (1 + (g[t][i] * (1 - Sigmoid(g[t][i])))));
    }

    /// <inheritdoc/>
    public void GeGlu(Tensor gate, Tensor up, Tensor y)
    {
        OperationShapes.SwiGlu(gate, up, y);
        float[][] g = Read(gate), u = Read(up);
        Write(y, (t, i) => GeluTanh(g[t][i]) * u[t][i]);
    }

    /// <inheritdoc/>
    public double SumOfSquares(params ReadOnlySpan<Tensor> tensors)
    {
        double sum = 0;
        foreach (Tensor x in tensors)
        {
            Require.Float(x);
            sum += Read(x).Sum(row => row.Sum(value => (double)value * value));
        }

        return sum;
    }

    private static double InverseRms(float[] row, float epsilon) =>
        1 / Math.Sqrt((Sum(row.Length, i => (double)row[i] * row[i]) / row.Length) + epsilon);

    private static (double[] Values, double Inverse) Normalised(float[] row, float epsilon)
    {
        double mean = row.Average(value => (double)value);
        double inverse = 1 / Math.Sqrt((row.Sum(value => (value - mean) * (value - mean)) / row.Length) + epsilon);
        return ([.. row.Select(value => (value - mean) * inverse)], inverse);
    }

    /// <summary>1/2 + e^(-x²/2) / sqrt(2 pi) * (x + x³/3 + x⁵/(3 5) + ...): every term has the sign of x.</summary>
    private static double NormalDistribution(double x)
    {
        if (Math.Abs(x) > 10)
        {
            return x > 0 ? 1 : 0;
        }

        double sum = 0, term = x;
        for (int n = 1; Math.Abs(term) > 1e-18; n++)
        {
            sum += term;
            term *= x * x / ((2 * n) + 1);
        }

        return 0.5 + (sum * Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI));
    }

    private static double GeluTanh(double x) => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))));

    private static double Sigmoid(double value) => 1 / (1 + Math.Exp(-value));
}
