using Inference.Tensors;

namespace Inference.Speech.VoiceActivity;

/// <summary>The models there are.</summary>
public static class VoiceActivityModels
{
    /// <summary>Silero's network from its safetensors file (16 kHz), or without a path this project's own rules.</summary>
    /// <param name="path">The file, or null.</param>
    /// <param name="backend">Makes what a network runs on, of one thread.</param>
    /// <exception cref="Models.Weights.ModelFormatException">The file is not Silero's network.</exception>
    public static IVoiceActivityModel Open(string? path, Func<IBackend> backend) =>
        string.IsNullOrEmpty(path) ? new EnergyModel() : new SileroModel(path, backend());
}
