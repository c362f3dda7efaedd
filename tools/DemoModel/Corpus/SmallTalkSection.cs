namespace Inference.DemoModel.Corpus;

/// <summary>Greetings, thanks and questions about the model itself.</summary>
public sealed class SmallTalkSection : ICorpusSection
{
    private readonly (string[] Questions, string[] Answers)[] _talk =
    [
        .. CorpusData.Lines("smalltalk.txt").Where(l => l.Length > 0).Select(l => l.Split(" = ", 2))
            .Select(p => (CorpusData.Alternatives(p[0]), CorpusData.Alternatives(p[1]))),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Exchange> Sample(Random random)
    {
        (string[] questions, string[] answers) = random.Pick(_talk);
        return [new Exchange(random.Pick(questions), random.Pick(answers))];
    }

    /// <inheritdoc/>
    public IEnumerable<EvaluationQuestion> HeldOut() => [];
}
