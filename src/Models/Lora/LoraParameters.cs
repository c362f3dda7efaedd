using Inference.Models.Layers;
using Inference.Tensors;

namespace Inference.Models.Lora;

/// <summary>
/// The trained tensors of one layer's adapter in F32, or their gradients. B is kept transposed: all products of training then add in place.
/// </summary>
/// <param name="A">[rank, in].</param>
/// <param name="TransposedB">[rank, out].</param>
/// <param name="Magnitude">DoRA's [1, out], or null.</param>
public sealed record LoraParameters(Tensor A, Tensor TransposedB, Tensor? Magnitude)
{
    /// <summary>
    /// Initial values, with which a layer answers as its base does: A uniform within 1 / sqrt(in) of 0, B zero, magnitudes the norms of
    /// the base's rows.
    /// </summary>
    /// <param name="weight">The base's weight [out, in], of any format.</param>
    /// <param name="rank">Rank of the change.</param>
    /// <param name="withMagnitude">DoRA.</param>
    /// <param name="random">Where A comes from.</param>
    public static LoraParameters Create(Tensor weight, int rank, bool withMagnitude, Random random)
    {
        Tensor a = Tensor.Allocate(rank, weight.Columns);
        float bound = 1 / MathF.Sqrt(weight.Columns);
        foreach (ref float value in a.Span)
        {
            value = bound * ((2 * random.NextSingle()) - 1);
        }

        Tensor? magnitude = withMagnitude
            ? Tensor.From(1, weight.Rows, [.. Enumerable.Range(0, weight.Rows).Select(row => (float)Math.Sqrt(SquaredNorm(weight, row)))])
            : null;
        return new LoraParameters(a, Tensor.Allocate(rank, weight.Rows), magnitude);
    }

    /// <summary>The squared norm of a row of a weight of any format.</summary>
    internal static double SquaredNorm(Tensor weight, int row) => weight.ReadRow(row).Sum(value => (double)value * value);

    /// <summary>Copies as an adapter's file has them, B as [out, rank].</summary>
    /// <param name="name">The layer.</param>
    /// <param name="scale">The factor of B A.</param>
    /// <param name="interleavedHeads">Elements of a head, where the base has the rows of queries and keys interleaved by head (GGUF files of Llama); else null.</param>
    public LoraModule ToModule(string name, float scale, int? interleavedHeads = null)
    {
        Tensor b = Tensor.Allocate(TransposedB.Columns, TransposedB.Rows);
        Tensor? magnitude = Magnitude is null ? null : Tensor.Allocate(1, b.Rows);
        for (int o = 0; o < b.Rows; o++)
        {
            int stored = interleavedHeads is int dimension ? RotaryHeads.HalfSplitIndex(o, dimension) : o;
            Span<float> row = b.Row(stored);
            for (int k = 0; k < row.Length; k++)
            {
                row[k] = TransposedB.Span[(k * b.Rows) + o];
            }

            if (magnitude is not null)
            {
                magnitude.Span[stored] = Magnitude!.Span[o];
            }
        }

        return new LoraModule(name, A.ConvertTo(DType.F32), b, scale, magnitude);
    }
}
