using Inference.Models.Layers;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>How a voice's embedding acts: through a projection, as an offset of every row.</summary>
internal static class VitsSpeaker
{
    /// <summary>A copy of x [T, d] with the projected embedding added to each row, where there is one. The caller owns it.</summary>
    public static Tensor Add(IBackend backend, Tensor x, Convolution? condition, Tensor? speaker)
    {
        Tensor sum = Tensor.From(x.Rows, x.Columns, x.Span);
        if (condition is not null && speaker is not null)
        {
            using Tensor offset = Tensor.Allocate(1, x.Columns), offsets = Tensor.Allocate(x.Rows, x.Columns);
            condition.Forward(speaker, offset);
            backend.Embedding(offset, new int[x.Rows], offsets);
            backend.Add(offsets, sum);
        }

        return sum;
    }

    /// <summary>A layer's bias [1, d], or null for 0, plus a part of what the embedding projects to. The caller owns it.</summary>
    public static Tensor Bias(Tensor? bias, ReadOnlySpan<float> offset)
    {
        Tensor sum = Tensor.From(1, offset.Length, offset);
        for (int i = 0; bias is not null && i < offset.Length; i++)
        {
            sum.Span[i] += bias.Span[i];
        }

        return sum;
    }
}
