namespace Inference.Models.Rotary;

/// <summary>
/// Llama 3.1's scaling (Meta, llama-models, apply_scaling; `rope_type: llama3`): long wavelengths divided by the factor, short ones
/// kept, those between interpolated.
/// </summary>
/// <param name="Factor">Division of the low frequencies.</param>
/// <param name="LowFrequencyFactor">Wavelengths above OriginalContextLength / this are divided by Factor.</param>
/// <param name="HighFrequencyFactor">Wavelengths below OriginalContextLength / this stay as they are.</param>
/// <param name="OriginalContextLength">Context length before the extension.</param>
public sealed record Llama3RopeScaling(float Factor, float LowFrequencyFactor, float HighFrequencyFactor, int OriginalContextLength) : RopeScaling
{
    /// <inheritdoc/>
    public override double[] Frequencies(double[] plain, double theta, int contextLength) => Array.ConvertAll(plain, Scale);

    internal override string? Problem(int dimension) => Factor > 0 && HighFrequencyFactor > LowFrequencyFactor && OriginalContextLength > 0
        ? null
        : $"the rotary scaling is out of range: {this}";

    private double Scale(double frequency)
    {
        double wavelength = 2 * Math.PI / frequency;
        double turns = OriginalContextLength / wavelength;
        if (turns < LowFrequencyFactor)
        {
            return frequency / Factor;
        }

        if (turns > HighFrequencyFactor)
        {
            return frequency;
        }

        double smooth = (turns - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor);
        return ((1 - smooth) * frequency / Factor) + (smooth * frequency);
    }
}
