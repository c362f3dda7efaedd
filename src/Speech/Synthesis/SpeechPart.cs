namespace Inference.Speech.Synthesis;

/// <summary>What is synthesized at once: a sentence, or what lies between its breaks.</summary>
/// <param name="Text">The script's whole plain text.</param>
/// <param name="Runs">At least one; the request's rate, pitch and volume are in their manners.</param>
/// <param name="StartsSentence">Whether a sentence begins here.</param>
/// <param name="EndsSentence">Whether it ends here.</param>
/// <param name="SentenceEnd">The sentence's end in the text.</param>
internal sealed record SpeechPart(string Text, IReadOnlyList<SpeechRun> Runs, bool StartsSentence, bool EndsSentence, int SentenceEnd)
{
    /// <summary>The first offset.</summary>
    public int Start => Runs[0].Offset;

    /// <summary>The offset after the last.</summary>
    public int End => Runs[^1].End;
}
