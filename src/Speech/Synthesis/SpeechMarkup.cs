namespace Inference.Speech.Synthesis;

/// <summary>SSML, as clients see it.</summary>
public static class SpeechMarkup
{
    /// <summary>The text that an SSML document says, which marks' offsets count in.</summary>
    /// <exception cref="SpeechRequestException">It is not valid.</exception>
    public static string PlainText(string ssml) => SpeechScript.FromSsml(ssml).Text;
}
