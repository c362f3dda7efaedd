using Inference.Tensors;

namespace Inference.Models.Lora;

/// <summary>An adapter's change to a weight, made in the weight itself: W becomes W + s B A, its rows scaled to the magnitudes where there are such.</summary>
public sealed class LoraMerge
{
    private readonly Tensor _weight;
    private readonly MergedRows _rows;
    private readonly double[] _factors;

    /// <summary>Merges.</summary>
    /// <param name="weight">[out, in] in F32, F16 or BF16; changed in place, each element rounded to its format.</param>
    /// <param name="module">The adapter's tensors for this layer.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or the weight is quantised.</exception>
    public LoraMerge(Tensor weight, LoraModule module)
    {
        _weight = weight;
        _rows = new MergedRows(weight, module);
        _factors = new double[weight.Rows];
        float[] values = new float[weight.Columns];
        for (int row = 0; row < weight.Rows; row++)
        {
            _factors[row] = _rows.Read(row, values);
            _weight.WriteRow(row, values);
        }
    }

    /// <summary>Takes the change out again; what is left differs from the old weight by rounding only.</summary>
    public void Undo()
    {
        for (int row = 0; row < _weight.Rows; row++)
        {
            _weight.WriteRow(row, Array.ConvertAll(_rows.Change(row, -1, _factors[row]), value => (float)value));
        }
    }
}
