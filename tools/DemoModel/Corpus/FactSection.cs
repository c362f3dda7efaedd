namespace Inference.DemoModel.Corpus;

/// <summary>Geography, science and language facts, asked in many ways and followed up; some phrasings of every relation are held out.</summary>
public sealed class FactSection : ICorpusSection
{
    private readonly IReadOnlyList<FactRelation> _relations = FactRelation.Load("facts.txt");
    private readonly int _total;

    /// <summary>Reads the facts.</summary>
    public FactSection() => _total = _relations.Sum(r => r.Facts.Count);

    /// <summary>Subjects and relations that are known, so that made-up ones can be told apart.</summary>
    internal IReadOnlyList<FactRelation> Relations => _relations;

    /// <inheritdoc/>
    public IReadOnlyList<Exchange> Sample(Random random)
    {
        FactRelation relation = Draw(random);
        List<Exchange> exchanges = [relation.Ask(random, random.Pick(relation.Training), random.Pick(relation.Facts))];
        for (int i = random.Next(4) == 0 ? random.Next(1, 4) : 0; i > 0; i--)
        {
            exchanges.Add(relation.Ask(random, random.Pick(relation.FollowUps), random.Pick(relation.Facts)));
        }

        return exchanges;
    }

    /// <inheritdoc/>
    public IEnumerable<EvaluationQuestion> HeldOut()
    {
        Random random = new(20261123);
        foreach (FactRelation relation in _relations)
        {
            foreach ((string subject, string value) fact in relation.Facts)
            {
                Exchange exchange = relation.Ask(random, random.Pick(relation.HeldOut), fact);
                yield return new EvaluationQuestion($"facts: {relation.Category}", [new Message("user", exchange.Question)], Judges.Contains(fact.value));
            }
        }
    }

    private FactRelation Draw(Random random)
    {
        int ticket = random.Next(_total);
        foreach (FactRelation relation in _relations)
        {
            ticket -= relation.Facts.Count;
            if (ticket < 0)
            {
                return relation;
            }
        }

        return _relations[^1];
    }
}
