using Inference.Models.Layers;
using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>How a voice's embedding acts: through a projection, as an offset of every row.</summary>
internal static class VitsSpeaker
{
    /// <summary>A copy of x [T, d] with the projected embedding added to each row, where there is one. The caller owns it.</summary>
    public static Tensor Add(IBackend backend, Tensor x, Convolution? condition, Tensor? speaker)
    {
        Tensor sum = backend.Allocate(x.Rows, x.Columns);
        backend.Copy(x, sum);
        if (condition is not null && speaker is not null)
        {
            using Tensor offset = backend.Allocate(1, x.Columns), offsets = backend.Allocate(x.Rows, x.Columns);
            condition.Forward(speaker, offset);
            backend.Embedding(offset, new int[x.Rows], offsets);
            backend.Add(offsets, sum);
        }

        return sum;
    }

    /// <summary>A layer's bias [1, d], or null for 0, plus a part of what the embedding projects to. The caller owns it.</summary>
    public static Tensor Bias(IBackend backend, Tensor? bias, Tensor offset)
    {
        Tensor sum = backend.Allocate(1, offset.Columns);
        backend.Copy(offset, sum);
        if (bias is not null)
        {
            backend.Add(bias, sum);
        }

        return sum;
    }
}
