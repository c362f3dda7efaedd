using Inference.Tensors;

namespace Inference.Models.Layers;

/// <summary>
/// What makes a convolution over time (kernel 3, one step of zeros at both ends of a sequence) a linear layer: row t of the
/// columns holds the three input rows around t * stride side by side, so that the weight is [out, 3 * in], the kernel's
/// places outermost. Sequence s has rows [starts[s], starts[s + 1]).
/// </summary>
public static class ConvolutionColumns
{
    /// <summary>Rows that the kernel sees.</summary>
    public const int KernelLength = 3;

    /// <summary>Where the sequences start after a convolution: n rows become (n - 1) / stride + 1.</summary>
    public static int[] StartsAfter(ReadOnlySpan<int> starts, int stride)
    {
        int[] after = new int[starts.Length];
        for (int s = 1; s < starts.Length; s++)
        {
            int rows = starts[s] - starts[s - 1];
            after[s] = after[s - 1] + (rows == 0 ? 0 : ((rows - 1) / stride) + 1);
        }

        return after;
    }

    /// <summary>x [T, in] to columns [T after the stride, 3 * in].</summary>
    public static void Gather(Tensor x, ReadOnlySpan<int> starts, int stride, Tensor columns) =>
        ForEach(starts, stride, (source, row, place) =>
        {
            Span<float> target = columns.Row(row).Slice(place * x.Columns, x.Columns);
            if (source < 0)
            {
                target.Clear();
            }
            else
            {
                x.Row(source).CopyTo(target);
            }
        });

    /// <summary>dx += the gradients of the columns, at the rows that they came from.</summary>
    public static void Scatter(Tensor dcolumns, ReadOnlySpan<int> starts, int stride, Tensor dx) =>
        ForEach(starts, stride, (source, row, place) =>
        {
            if (source >= 0)
            {
                Span<float> target = dx.Row(source);
                ReadOnlySpan<float> gradient = dcolumns.Row(row).Slice(place * dx.Columns, dx.Columns);
                for (int i = 0; i < target.Length; i++)
                {
                    target[i] += gradient[i];
                }
            }
        });

    /// <summary>
    /// A checkpoint's weight [out, in, 3] as [out, 3 * in], in F32: element [o, i, place] goes to [o, place * in + i].
    /// <paramref name="weight"/> has it as [out, in * 3].
    /// </summary>
    public static Tensor FromCheckpoint(Tensor weight) => Permute(weight, (column, inputs) => (column % inputs * KernelLength) + (column / inputs));

    /// <summary>The reverse of <see cref="FromCheckpoint"/>.</summary>
    public static Tensor ToCheckpoint(Tensor weight) => Permute(weight, (column, inputs) => (column % KernelLength * inputs) + (column / KernelLength));

    private static Tensor Permute(Tensor weight, Func<int, int, int> sourceOf)
    {
        int inputs = weight.Columns / KernelLength;
        Tensor permuted = Tensor.Allocate(weight.Rows, weight.Columns);
        for (int row = 0; row < weight.Rows; row++)
        {
            float[] values = weight.ReadRow(row);
            Span<float> target = permuted.Row(row);
            for (int column = 0; column < target.Length; column++)
            {
                target[column] = values[sourceOf(column, inputs)];
            }
        }

        return permuted;
    }

    /// <summary>Calls visit(input row or -1 beyond the ends, output row, place in the kernel).</summary>
    private static void ForEach(ReadOnlySpan<int> starts, int stride, Action<int, int, int> visit)
    {
        int row = 0;
        for (int s = 0; s + 1 < starts.Length; s++)
        {
            for (int center = starts[s]; center < starts[s + 1]; center += stride)
            {
                for (int place = 0; place < KernelLength; place++)
                {
                    int source = center + place - 1;
                    visit(source < starts[s] || source >= starts[s + 1] ? -1 : source, row, place);
                }

                row++;
            }
        }
    }
}
