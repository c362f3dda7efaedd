namespace Inference.Models;

/// <summary>Llama 3.1's frequency scaling (`rope_type: llama3`).</summary>
/// <param name="Factor">Division of the low frequencies.</param>
/// <param name="LowFrequencyFactor">Wavelengths above OriginalContextLength / this are divided by Factor.</param>
/// <param name="HighFrequencyFactor">Wavelengths below OriginalContextLength / this stay as they are.</param>
/// <param name="OriginalContextLength">Context length before the extension.</param>
public sealed record RopeScaling(float Factor, float LowFrequencyFactor, float HighFrequencyFactor, int OriginalContextLength);
