namespace Inference.Models.Rotary;

/// <summary>Each frequency has a divisor of its own: how GGUF files store Llama 3's scaling (`rope_freqs.weight`).</summary>
/// <param name="Factors">The divisors, one a pair.</param>
public sealed record FactorRopeScaling(IReadOnlyList<float> Factors) : RopeScaling
{
    /// <inheritdoc/>
    public override double[] Frequencies(double[] plain, double theta, int contextLength) => [.. plain.Select((frequency, i) => frequency / Factors[i])];

    internal override string? Problem(int dimension) => Factors.Count == dimension / 2 && Factors.All(f => f is > 0 and < float.PositiveInfinity)
        ? null
        : $"there must be {dimension / 2} rotary factors above 0";
}
