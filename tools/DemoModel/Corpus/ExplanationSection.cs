namespace Inference.DemoModel.Corpus;

/// <summary>Short explanations for a named grade: simple for grades 1 to 4, fuller for 5 to 12.</summary>
public sealed class ExplanationSection : ICorpusSection
{
    private static readonly string[] Training =
    [
        "Explain {c} for grade {g}.", "Explain {c} to a child in grade {g}.", "I am in grade {g}. What is {c}?", "What is {c}? I am in grade {g}.",
        "Can you explain {c} for grade {g}?", "Please explain {c} to a grade {g} student.", "Tell me about {c}, for grade {g}.", "Grade {g}: explain {c}.",
        "Describe {c} for grade {g}.", "Describe {c} to a student in grade {g}.", "Explain {c} so that grade {g} can follow.", "Help grade {g} to understand {c}.",
        "My class is grade {g}. Please explain {c}.", "Describe {c}. I am in grade {g}.",
    ];

    private static readonly string[] HeldOutFrames = ["Describe {c} so that grade {g} understands it.", "I'm in grade {g}, please explain {c}."];

    private readonly (string Concept, string Simple, string Full)[] _concepts =
        [.. CorpusData.Lines("explanations.txt").Where(l => l.Length > 0).Select(l => l.Split(" = ")).Select(p => (p[0], p[1], string.Join(" = ", p[2..])))];

    /// <inheritdoc/>
    public IReadOnlyList<Exchange> Sample(Random random) => [Ask(random, random.Pick(Training), random.Pick(_concepts), random.Next(1, 13))];

    /// <inheritdoc/>
    public IEnumerable<EvaluationQuestion> HeldOut()
    {
        Random random = new(20261124);
        foreach ((string, string, string) concept in _concepts)
        {
            foreach (int grade in (int[])[2, 9])
            {
                Exchange exchange = Ask(random, random.Pick(HeldOutFrames), concept, grade);
                yield return new EvaluationQuestion("explanations", [new Message("user", exchange.Question)], answer => answer.Trim() == exchange.Answer);
            }
        }
    }

    private static Exchange Ask(Random random, string frame, (string Concept, string Simple, string Full) concept, int grade) => new(
        Phrasing.Expand(random, frame, ("c", concept.Concept), ("g", random.Next(5) == 0 && frame[0] != 'G' ? NumberWords.Of(grade) : grade.ToString())),
        grade <= 4 ? concept.Simple : concept.Full);
}
