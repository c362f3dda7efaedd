namespace Inference.Speech.Synthesis.Vits;

/// <summary>BCP 47 tags of the languages that voices' files name.</summary>
internal static class VitsLanguage
{
    // MMS names languages by ISO 639-3; those with a shorter code of ISO 639-1 are called by that. Mandarin stays cmn.
    private static readonly Dictionary<string, string> Shorter = new(StringComparer.OrdinalIgnoreCase)
    {
        ["eng"] = "en",
        ["deu"] = "de",
        ["fra"] = "fr",
        ["spa"] = "es",
        ["por"] = "pt",
        ["ita"] = "it",
        ["nld"] = "nl",
        ["vie"] = "vi",
        ["rus"] = "ru",
        ["ukr"] = "uk",
        ["pol"] = "pl",
        ["tur"] = "tr",
        ["hin"] = "hi",
        ["ben"] = "bn",
        ["tam"] = "ta",
        ["tel"] = "te",
        ["tha"] = "th",
        ["kor"] = "ko",
        ["ara"] = "ar",
        ["heb"] = "he",
        ["ell"] = "el",
        ["hun"] = "hu",
        ["fin"] = "fi",
        ["swe"] = "sv",
        ["ind"] = "id",
        ["swh"] = "sw",
        ["ron"] = "ro",
    };

    /// <summary>"en_US" is en-US, "deu" is de; "und" where the file does not say.</summary>
    public static string Tag(string language) =>
        language.Length == 0 ? "und"
        : Shorter.TryGetValue(language, out string? tag) ? tag
        : language.Replace("zh", "cmn", StringComparison.OrdinalIgnoreCase).Replace('_', '-');
}
