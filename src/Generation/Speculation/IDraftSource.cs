namespace Inference.Generation.Speculation;

/// <summary>Guesses how sequences go on. A wrong guess costs time; it never changes a token.</summary>
internal interface IDraftSource : IDisposable
{
    /// <summary>Sets <see cref="Sequence.Draft"/> of answers whose last known token is next to be computed.</summary>
    void Propose(IReadOnlyList<Sequence> decoding);
}
