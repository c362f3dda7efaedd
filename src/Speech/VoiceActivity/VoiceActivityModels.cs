namespace Inference.Speech.VoiceActivity;

/// <summary>The models there are.</summary>
public static class VoiceActivityModels
{
    /// <summary>Silero's network from its safetensors file (16 kHz), or without a path this project's own rules.</summary>
    /// <exception cref="Models.Weights.ModelFormatException">The file is not Silero's network.</exception>
    public static IVoiceActivityModel Open(string? path) =>
        string.IsNullOrEmpty(path) ? new EnergyModel() : new SileroModel(path);
}
