namespace Inference.Speech.Synthesis;

/// <summary>How a mood changes a voice: factors of its speed, frequency and amplitude.</summary>
public sealed record SpeechEmotion(string Name, float Rate, float Pitch, float Volume);
