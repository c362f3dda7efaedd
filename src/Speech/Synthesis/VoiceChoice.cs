namespace Inference.Speech.Synthesis;

/// <summary>Which voice a request gets.</summary>
public static class VoiceChoice
{
    /// <summary>The voice of its name, else the first of its language: exact, then more and more general, then of the same first part.</summary>
    /// <exception cref="SpeechRequestException">There is none.</exception>
    public static SpeechVoice Choose(IReadOnlyList<SpeechVoice> voices, SpeechRequest request)
    {
        if (request.Voice is { Length: > 0 } name)
            return voices.FirstOrDefault(v => Equal(v.Name, name)) ?? throw new SpeechRequestException("voice", $"there is none named \"{name}\"");
        string language = request.Language is { Length: > 0 } given ? given.Replace('_', '-') : "en-US";
        // Espeak and ISO 639-3 call Mandarin cmn; clients mostly say zh.
        if (Equal(language, "zh") || language.StartsWith("zh-", StringComparison.OrdinalIgnoreCase)) language = "cmn" + language[2..];
        for (string tag = language; ;)
        {
            if (voices.FirstOrDefault(v => Equal(v.Language, tag)) is { } voice) return voice;
            int cut = tag.LastIndexOf('-');
            if (cut < 0) break;
            tag = tag[..cut];
        }

        string first = language.Split('-')[0];
        return voices.FirstOrDefault(v => Equal(v.Language.Split('-')[0], first))
            ?? (request.Language is { Length: > 0 } ? throw new SpeechRequestException("language", $"no voice speaks \"{language}\"")
                : voices.Count > 0 ? voices[0] : throw new SpeechRequestException("voice", "there are no voices"));
    }

    private static bool Equal(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
}
