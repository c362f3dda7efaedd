using Inference.Tensors;

namespace Inference.Models.Lora;

/// <summary>The rows of a weight W with an adapter's change in them: W + s B A, scaled to the magnitudes where there are such.</summary>
internal sealed class MergedRows
{
    private readonly Tensor _weight;
    private readonly float[][] _a, _b;
    private readonly float _scale;
    private readonly float[]? _magnitude;

    /// <param name="weight">[out, in] in F32, F16 or BF16.</param>
    /// <param name="module">The adapter's tensors for this layer.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or the weight is quantised.</exception>
    public MergedRows(Tensor weight, LoraModule module)
    {
        if (weight.Type is not (DType.F32 or DType.F16 or DType.BF16))
        {
            throw new ArgumentException($"{module.Name} is {weight.Type}: adapters are merged into F32, F16 and BF16 only", nameof(weight));
        }

        if (module.A.Columns != weight.Columns || module.B.Rows != weight.Rows)
        {
            throw new ArgumentException($"{module.Name} is {weight}, the adapter is for [{module.B.Rows}, {module.A.Columns}]", nameof(module));
        }

        (_weight, _a, _b, _scale, _magnitude) = (weight, Rows(module.A), Rows(module.B), module.Scale, module.Magnitude?.ReadRow(0));
    }

    /// <summary>Computes a row of the merged weight.</summary>
    /// <param name="row">Its number.</param>
    /// <param name="values">[in], set.</param>
    /// <returns>The factor that its magnitude asked for, else 1.</returns>
    public double Read(int row, Span<float> values)
    {
        double[] changed = Change(row, +1, 1);
        double factor = _magnitude is null ? 1 : _magnitude[row] / Math.Sqrt(changed.Sum(value => value * value));
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(changed[i] * factor);
        }

        return factor;
    }

    /// <summary>A row of the weight, divided, plus or minus the row of s B A.</summary>
    public double[] Change(int row, int sign, double divisor)
    {
        double[] values = Array.ConvertAll(_weight.ReadRow(row), value => value / divisor);
        for (int k = 0; k < _a.Length; k++)
        {
            double factor = sign * (double)_scale * _b[row][k];
            float[] a = _a[k];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] += factor * a[i];
            }
        }

        return values;
    }

    private static float[][] Rows(Tensor tensor) => [.. Enumerable.Range(0, tensor.Rows).Select(tensor.ReadRow)];
}
