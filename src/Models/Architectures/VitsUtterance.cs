using Inference.Tensors;

namespace Inference.Models.Architectures;

/// <summary>What <see cref="Vits.Encode"/> has made of a text: all but the frames and samples, which follow piece by piece.</summary>
public sealed class VitsUtterance : IDisposable
{
    internal VitsUtterance(IBackend backend, int[] durations, Tensor prior, Tensor? speaker, Tensor bias)
    {
        (Durations, Prior, Speaker, Bias) = (durations, prior, speaker, bias);
        Latents = backend.Allocate(prior.Rows, prior.Columns);
    }

    /// <summary>Frames of each symbol.</summary>
    public IReadOnlyList<int> Durations { get; }

    /// <summary>Frames of the whole text.</summary>
    public int Frames => Latents.Rows;

    /// <summary>The text's distribution with its noise, the flow's input: [frames, flow], in the host's memory.</summary>
    internal Tensor Prior { get; }

    /// <summary>The decoder's input, [frames, flow], made up to <see cref="Made"/>.</summary>
    internal Tensor Latents { get; }

    /// <summary>Frames that the flow has made.</summary>
    internal int Made { get; set; }

    /// <summary>The voice's embedding, the model's own; or null.</summary>
    internal Tensor? Speaker { get; }

    internal Tensor Bias { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Prior.Dispose();
        Latents.Dispose();
        Bias.Dispose();
    }
}
