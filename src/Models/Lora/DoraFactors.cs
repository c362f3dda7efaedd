using Inference.Tensors;
using Inference.Tensors.Cpu;

namespace Inference.Models.Lora;

/// <summary>DoRA's factors of the rows of a changed weight: magnitude / ‖W + scale B A‖, by row (Liu et al., 2024).</summary>
internal static class DoraFactors
{
    /// <summary>
    /// The factors [1, out] of rows of a module. The norm comes from ‖w‖² + 2 s b·(A w) + s² b·(A Aᵀ) b, so that the changed weight is
    /// never made; a row of zeros has the factor 0.
    /// </summary>
    /// <param name="weight">Rows of the base's weight [out, in], of any format.</param>
    /// <param name="module">The change.</param>
    /// <param name="b">Its B for these rows, [out, rank].</param>
    /// <param name="magnitude">Magnitudes of all rows of the module, [1, .].</param>
    /// <param name="rows">Which of them are meant.</param>
    public static Tensor Of(Tensor weight, LoraModule module, Tensor b, Tensor magnitude, int[] rows)
    {
        using CpuBackend backend = new(1);
        using Tensor a = module.A.ConvertTo(DType.F32), projected = Tensor.Allocate(a.Rows, weight.Rows), gram = Tensor.Allocate(a.Rows, a.Rows);
        backend.Linear(a, weight, null, projected);
        backend.Linear(a, module.A, null, gram);
        float[] magnitudes = magnitude.ReadRow(0);
        Tensor factors = Tensor.Allocate(1, weight.Rows);
        for (int row = 0; row < weight.Rows; row++)
        {
            float[] change = b.ReadRow(row);
            double squares = 0;
            foreach (float w in weight.ReadRow(row))
            {
                squares += (double)w * w;
            }

            for (int j = 0; j < change.Length; j++)
            {
                double sum = 0;
                for (int k = 0; k < change.Length; k++)
                {
                    sum += (double)change[k] * gram.Row(j)[k];
                }

                squares += module.Scale * change[j] * ((2.0 * projected.Row(j)[row]) + (module.Scale * sum));
            }

            factors.Span[row] = squares > 0 ? (float)(magnitudes[rows[row]] / Math.Sqrt(squares)) : 0;
        }

        return factors;
    }
}
