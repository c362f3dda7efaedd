namespace Inference.Speech.VoiceActivity;

/// <summary>A stretch of a clip where somebody speaks, in samples at 16 kHz.</summary>
public readonly record struct SpeechSegment(int Start, int End);
