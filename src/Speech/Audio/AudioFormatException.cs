namespace Inference.Speech.Audio;

/// <summary>Audio that cannot be read: says what was expected, and where.</summary>
public sealed class AudioFormatException(string message) : Exception(message);
