using Inference.Tensors;

namespace Inference.Speech.Recognition;

/// <summary>The log-mel frames of a clip.</summary>
/// <param name="Frames">[frames, mels], 10 ms each.</param>
/// <param name="Silence">The value of silence in all channels.</param>
public sealed record LogMel(Tensor Frames, float Silence) : IDisposable
{
    /// <summary>Frames [first, first + count), silence where the clip has ended.</summary>
    public Tensor Window(int first, int count)
    {
        Tensor window = Tensor.Allocate(count, Frames.Columns);
        int real = Math.Clamp(Frames.Rows - first, 0, count);
        if (real > 0)
        {
            Frames.Slice(first, real).Span.CopyTo(window.Span);
        }

        window.Span[(real * Frames.Columns)..].Fill(Silence);
        return window;
    }

    /// <inheritdoc/>
    public void Dispose() => Frames.Dispose();
}
