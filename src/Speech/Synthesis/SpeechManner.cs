namespace Inference.Speech.Synthesis;

/// <summary>How a run is spoken.</summary>
/// <param name="Rate">A factor of speed.</param>
/// <param name="Pitch">A factor of frequency.</param>
/// <param name="Volume">A factor of amplitude.</param>
/// <param name="Alias">Spoken in place of the run's text.</param>
/// <param name="Phonemes">Pronounced in place of the run's text: eSpeak mnemonics.</param>
/// <param name="Ipa">As <paramref name="Phonemes"/>, in IPA, where the engine reads that; else the run's text is spoken.</param>
/// <param name="SpellOut">Whether each character is spoken by itself.</param>
internal sealed record SpeechManner(
    float Rate = 1, float Pitch = 1, float Volume = 1, string? Alias = null, string? Phonemes = null, string? Ipa = null, bool SpellOut = false)
{
    /// <summary>The voice's own.</summary>
    public static SpeechManner Plain { get; } = new();
}
