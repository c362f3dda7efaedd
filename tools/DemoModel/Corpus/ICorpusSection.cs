namespace Inference.DemoModel.Corpus;

/// <summary>One subject of the corpus.</summary>
public interface ICorpusSection
{
    /// <summary>One or more exchanges that follow each other in a conversation.</summary>
    IReadOnlyList<Exchange> Sample(Random random);

    /// <summary>Questions that <see cref="Sample"/> never makes.</summary>
    IEnumerable<EvaluationQuestion> HeldOut();
}
