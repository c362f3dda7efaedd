namespace Inference.Models.Architectures;

/// <summary>How a text is spoken.</summary>
/// <param name="NoiseScale">Deviation of the latent frames, as a factor of the model's own; 0 gives the most likely ones. Usually 0.667.</param>
/// <param name="DurationNoiseScale">The same of the durations. Usually 0.8.</param>
/// <param name="Speaker">Number of the voice in a model of several.</param>
/// <param name="Seed">Of the noise: the same text in the same manner gives the same samples.</param>
public readonly record struct VitsManner(float NoiseScale = 0.667f, float DurationNoiseScale = 0.8f, int Speaker = 0, int Seed = 0);
