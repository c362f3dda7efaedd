using Inference.Speech.Synthesis;

namespace Inference.VoiceHost;

/// <summary>The engines that speak, the preferred one first.</summary>
internal sealed class SynthesizerCatalog(IEnumerable<ISpeechSynthesizer> synthesizers, VoiceMetrics metrics, TimeProvider time)
{
    public IReadOnlyList<ISpeechSynthesizer> All { get; } = [.. synthesizers.Select(s => new MeteredSynthesizer(s, metrics, time))];

    /// <summary>The engine that has the voice asked for; without one, the first that speaks the language.</summary>
    /// <exception cref="SpeechRequestException">No engine has the voice, or speaks at all.</exception>
    public ISpeechSynthesizer Find(SpeechRequest request)
    {
        if (request.Voice is { } voice)
        {
            return All.FirstOrDefault(s => Has(s, voice))
                ?? throw new SpeechRequestException("voice", $"there is no voice \"{voice}\"");
        }

        string language = request.Language ?? "en";
        return All.FirstOrDefault(s => s.Voices.Any(v => Primary(v.Language) == Primary(language)))
            ?? All.FirstOrDefault()
            ?? throw new SpeechRequestException("voice", "no engine for speech is installed");
    }

    /// <summary>Whether an engine has the voice.</summary>
    public bool Has(string voice) => All.Any(s => Has(s, voice));

    private static bool Has(ISpeechSynthesizer synthesizer, string voice) =>
        synthesizer.Voices.Any(v => v.Name.Equals(voice, StringComparison.OrdinalIgnoreCase));

    private static string Primary(string language) => language.Split('-', '_')[0].ToLowerInvariant();
}
