using Inference.DemoModel.Corpus;

namespace Inference.DemoModel.Adapters;

/// <summary>
/// The 50 facts of Data/country.txt: each in its 20 training phrasings, among conversations of the base's own kind, so that it forgets
/// nothing. Questions: each fact in each held-out phrasing.
/// </summary>
internal static class CountryLesson
{
    // Another stream than the base was trained on (models/demo/README.md: seed 1).
    private const int RehearsalSeed = 2;

    /// <summary>Makes the lesson with so many conversations of the base's kind.</summary>
    public static Lesson Create(int rehearsals)
    {
        Random random = new(1);
        IReadOnlyList<FactRelation> relations = FactRelation.Load("country.txt");
        List<IReadOnlyList<Message>> conversations =
            [.. from relation in relations from fact in relation.Facts from phrasing in relation.Training select Dialogue(relation.Ask(random, phrasing, fact))];
        DemoCorpus corpus = new();
        conversations.AddRange(Enumerable.Range(0, rehearsals).Select(i => corpus.Conversation(RehearsalSeed, i)));
        return new Lesson(conversations, [.. from relation in relations
                                              from fact in relation.Facts
                                              from phrasing in relation.HeldOut
                                              select new EvaluationQuestion("country", [new Message("user", relation.Ask(random, phrasing, fact).Question)], Judges.Contains(fact.Value))]);
    }

    private static Message[] Dialogue(Exchange exchange) => [new("user", exchange.Question), new("assistant", exchange.Answer)];
}
