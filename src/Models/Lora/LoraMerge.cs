using Inference.Tensors;

namespace Inference.Models.Lora;

/// <summary>An adapter's change to a weight, made in the weight itself: W becomes W + s B A, its rows scaled to the magnitudes where there are such.</summary>
public sealed class LoraMerge
{
    private readonly Tensor _weight;
    private readonly float[][] _a, _b;
    private readonly float _scale;
    private readonly double[] _factors;

    /// <summary>Merges.</summary>
    /// <param name="weight">[out, in] in F32, F16 or BF16; changed in place, each element rounded to its format.</param>
    /// <param name="module">The adapter's tensors for this layer.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or the weight is quantised.</exception>
    public LoraMerge(Tensor weight, LoraModule module)
    {
        if (weight.Type is not (DType.F32 or DType.F16 or DType.BF16))
        {
            throw new ArgumentException($"{module.Name} is {weight.Type}: adapters are merged into F32, F16 and BF16 only", nameof(weight));
        }

        if (module.A.Columns != weight.Columns || module.B.Rows != weight.Rows)
        {
            throw new ArgumentException($"{module.Name} is {weight}, the adapter is for [{module.B.Rows}, {module.A.Columns}]", nameof(module));
        }

        _weight = weight;
        _a = Rows(module.A);
        _b = Rows(module.B);
        _scale = module.Scale;
        _factors = new double[weight.Rows];
        Array.Fill(_factors, 1);
        float[]? magnitude = module.Magnitude?.ReadRow(0);
        for (int row = 0; row < weight.Rows; row++)
        {
            double[] changed = Change(row, +1, 1);
            if (magnitude is not null)
            {
                _factors[row] = magnitude[row] / Math.Sqrt(changed.Sum(value => value * value));
            }

            Write(row, changed, _factors[row]);
        }
    }

    /// <summary>Takes the change out again; what is left differs from the old weight by rounding only.</summary>
    public void Undo()
    {
        for (int row = 0; row < _weight.Rows; row++)
        {
            Write(row, Change(row, -1, _factors[row]), 1);
        }
    }

    private static float[][] Rows(Tensor tensor) => [.. Enumerable.Range(0, tensor.Rows).Select(tensor.ReadRow)];

    /// <summary>A row of the weight, divided, plus or minus the row of s B A.</summary>
    private double[] Change(int row, int sign, double divisor)
    {
        double[] values = Array.ConvertAll(_weight.ReadRow(row), value => value / divisor);
        for (int k = 0; k < _a.Length; k++)
        {
            double factor = sign * (double)_scale * _b[row][k];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] += factor * _a[k][i];
            }
        }

        return values;
    }

    private void Write(int row, double[] values, double factor) => _weight.WriteRow(row, Array.ConvertAll(values, value => (float)(value * factor)));
}
