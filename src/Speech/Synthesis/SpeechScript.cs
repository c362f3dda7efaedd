namespace Inference.Speech.Synthesis;

/// <summary>A text, read: what to say in which manner, with named marks and silences. Offsets count in <see cref="Text"/>.</summary>
/// <param name="Text">The plain text.</param>
/// <param name="Runs">Stretches of one manner, in order; they cover the text but for white space.</param>
/// <param name="Events">Named marks and silences, in order.</param>
internal sealed record SpeechScript(string Text, IReadOnlyList<SpeechRun> Runs, IReadOnlyList<SpeechEvent> Events)
{
    /// <summary>Text without markup.</summary>
    public static SpeechScript FromText(string text) =>
        new(text, text.Length == 0 ? [] : [new SpeechRun(0, text.Length, SpeechManner.Plain)], []);

    /// <summary>Reads SSML.</summary>
    /// <exception cref="SpeechRequestException">It is not valid.</exception>
    public static SpeechScript FromSsml(string ssml) => new SsmlReader().Read(ssml);
}
