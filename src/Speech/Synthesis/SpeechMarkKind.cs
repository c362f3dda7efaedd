namespace Inference.Speech.Synthesis;

/// <summary>What begins at a <see cref="SpeechMark"/>.</summary>
public enum SpeechMarkKind
{
    /// <summary>A sentence.</summary>
    Sentence,

    /// <summary>A word.</summary>
    Word,

    /// <summary>A mark element of SSML.</summary>
    Named,
}
