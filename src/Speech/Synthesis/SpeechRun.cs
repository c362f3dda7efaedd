namespace Inference.Speech.Synthesis;

/// <summary>A stretch of text that is spoken in one manner.</summary>
internal readonly record struct SpeechRun(int Offset, int Length, SpeechManner Manner)
{
    /// <summary>The offset after the last.</summary>
    public int End => Offset + Length;
}
