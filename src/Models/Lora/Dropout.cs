using Inference.Tensors;

namespace Inference.Models.Lora;

/// <summary>
/// Inverted dropout (Srivastava et al., 2014) whose mask follows from a seed and an element's place alone: it is made again in the
/// backward pass, and after a resume, instead of being kept.
/// </summary>
internal static class Dropout
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>y = x with a share of <paramref name="rate"/> zeroed and the rest enlarged; y may be x.</summary>
    public static void Forward(IBackend backend, Tensor x, float rate, ulong seed, Tensor y)
    {
        using HostTensor source = backend.ReadOnHost(x), target = backend.WriteOnHost(y);
        Apply(source.Span, rate, seed, target.Span, adds: false);
    }

    /// <summary>dx += the gradient of x.</summary>
    public static void Backward(IBackend backend, Tensor dy, float rate, ulong seed, Tensor dx)
    {
        using HostTensor source = backend.ReadOnHost(dy), target = backend.ChangeOnHost(dx);
        Apply(source.Span, rate, seed, target.Span, adds: true);
    }

    private static void Apply(ReadOnlySpan<float> source, float rate, ulong seed, Span<float> target, bool adds)
    {
        ulong threshold = (ulong)(rate * (1 << 24));
        float factor = 1 / (1 - rate);
        for (int i = 0; i < source.Length; i++)
        {
            float kept = Mix(seed + (Golden * (ulong)(i + 1))) >> 40 >= threshold ? source[i] * factor : 0;
            target[i] = adds ? target[i] + kept : kept;
        }
    }

    /// <summary>The output function of SplitMix64 (Steele, Lea, Flood, 2014).</summary>
    internal static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
