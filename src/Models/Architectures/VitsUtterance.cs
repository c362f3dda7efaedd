using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>What <see cref="Vits.Encode"/> has made of a text: all but the samples.</summary>
public sealed class VitsUtterance : IDisposable
{
    internal VitsUtterance(int[] durations, Tensor latents, Tensor bias) => (Durations, Latents, Bias) = (durations, latents, bias);

    /// <summary>Frames of each symbol.</summary>
    public IReadOnlyList<int> Durations { get; }

    /// <summary>Frames of the whole text.</summary>
    public int Frames => Latents.Rows;

    /// <summary>The decoder's input, [frames, flow].</summary>
    public Tensor Latents { get; }

    internal Tensor Bias { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Latents.Dispose();
        Bias.Dispose();
    }
}
