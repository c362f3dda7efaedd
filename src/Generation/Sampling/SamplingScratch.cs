namespace Inference.Generation.Sampling;

/// <summary>Buffers for one choice at a time.</summary>
internal sealed class SamplingScratch(int vocabularySize)
{
    private readonly float[] _logits = new float[vocabularySize];

    /// <summary>A row of logits to change.</summary>
    public Span<float> Logits => _logits;

    /// <summary>Candidates of a draw.</summary>
    public Candidates Candidates { get; } = new(vocabularySize);
}
