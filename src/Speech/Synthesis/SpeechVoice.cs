namespace Inference.Speech.Synthesis;

/// <summary>A voice that can be asked for.</summary>
/// <param name="Name">Unique in its synthesizer.</param>
/// <param name="Language">BCP 47, e.g. "de", "en-US", "cmn", "vi".</param>
/// <param name="SampleRate">Samples a second of its audio.</param>
public sealed record SpeechVoice(string Name, string Language, int SampleRate);
