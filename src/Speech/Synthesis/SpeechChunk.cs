namespace Inference.Speech.Synthesis;

/// <summary>A piece of a text's audio, mono.</summary>
/// <param name="SampleRate">Samples a second.</param>
/// <param name="FirstSample">Where the piece begins, in samples since the text's beginning: the end of the piece before it.</param>
/// <param name="Samples">-1 to 1.</param>
/// <param name="Marks">Those whose <see cref="SpeechMark.Sample"/> lies in this piece, in order.</param>
public sealed record SpeechChunk(int SampleRate, long FirstSample, ReadOnlyMemory<float> Samples, IReadOnlyList<SpeechMark> Marks)
{
    /// <summary>The sample after the last.</summary>
    public long EndSample => FirstSample + Samples.Length;
}
