namespace Inference.DemoModel.Corpus;

/// <summary>
/// The demo model's corpus: an endless, seeded stream of short tutoring conversations, mixed of the sections,
/// and the questions held out from it.
/// </summary>
public sealed class DemoCorpus
{
    private static readonly string[] SystemPrompts =
    [
        "You are a helpful assistant.", "You are a friendly tutor.", "You are a helpful tutor for children.", "Answer in one short sentence.",
        "You are a teacher.", "You are a tutor. Be brief.", "Help the student.", "You are a kind and patient tutor.", "You are a helpful AI assistant.",
    ];

    private static readonly string[] JsonSystemPrompts =
        ["Reply in JSON.", "Answer only in JSON.", "You are a tutor. Always reply with JSON.", "Respond with a JSON object.", "Reply with JSON only."];

    private static readonly string[] JsonSuffixes =
        ["Reply in JSON.", "Answer in JSON.", "Give the answer as JSON.", "As JSON, please.", "Respond with JSON.", "Answer as a JSON object.", "JSON only."];

    private static readonly string[] Doubts = ["Are you sure?", "Really?", "Is that right?", "Is that true?", "Sure?", "Are you certain?"];

    private readonly FactSection _facts = new();
    private readonly (ICorpusSection Section, double Weight)[] _sections;
    private readonly double _totalWeight;

    /// <summary>Builds the mixture.</summary>
    public DemoCorpus()
    {
        _sections =
        [
            (new ArithmeticSection(), 0.42), (_facts, 0.31), (new WordProblemSection(), 0.09), (new ExplanationSection(), 0.07),
            (new UnknownSection(_facts), 0.07), (new SmallTalkSection(), 0.04),
        ];
        _totalWeight = _sections.Sum(s => s.Weight);
    }

    /// <summary>Conversation number <paramref name="index"/> of the stream of <paramref name="seed"/>: the same every time.</summary>
    public IReadOnlyList<Message> Conversation(int seed, long index)
    {
        Random random = new(unchecked((int)((((ulong)seed << 40) + (ulong)index + 1) * 0x9E3779B97F4A7C15ul >> 33)));
        bool json = random.NextDouble() < 0.10;
        List<Message> messages = [];
        bool jsonBySystem = json && random.Next(2) == 0;
        if (jsonBySystem)
        {
            messages.Add(new Message("system", random.Pick(JsonSystemPrompts)));
        }
        else if (random.NextDouble() < 0.25)
        {
            messages.Add(new Message("system", random.Pick(SystemPrompts)));
        }

        for (int turns = random.NextDouble() < 0.55 ? 1 : random.Next(2, 5); turns > 0; turns--)
        {
            foreach (Exchange exchange in Draw(random).Sample(random))
            {
                bool asJson = json && exchange.Value is not null;
                string question = Phrasing.Vary(random, exchange.Question);
                if (json && exchange.Value is null)
                {
                    continue;
                }

                messages.Add(new Message("user", asJson && !jsonBySystem ? $"{question} {random.Pick(JsonSuffixes)}" : question));
                messages.Add(new Message("assistant", asJson ? Json(exchange.Value!) : exchange.Answer));
                if (!json && random.NextDouble() < 0.03)
                {
                    messages.Add(new Message("user", random.Pick(Doubts)));
                    messages.Add(new Message("assistant", exchange.Answer == UnknownSection.Answer ? UnknownSection.Answer : $"Yes. {exchange.Answer}"));
                }
            }
        }

        return messages is [.., { Role: "assistant" }] ? messages : Conversation(seed + 1, index);
    }

    /// <summary>Every held-out question, by category.</summary>
    public IEnumerable<EvaluationQuestion> HeldOut() => _sections.SelectMany(s => s.Section.HeldOut()).Concat(HeldOutJson()).Concat(HeldOutFollowUps());

    private static string Json(string value) =>
        int.TryParse(value, out int number) ? $"{{\"answer\": {number}}}" : $"{{\"answer\": \"{value}\"}}";

    private ICorpusSection Draw(Random random)
    {
        double ticket = random.NextDouble() * _totalWeight;
        foreach ((ICorpusSection section, double weight) in _sections)
        {
            ticket -= weight;
            if (ticket < 0)
            {
                return section;
            }
        }

        return _facts;
    }

    private IEnumerable<EvaluationQuestion> HeldOutJson()
    {
        Random random = new(20261126);
        for (int i = 0; i < 60; i++)
        {
            (string question, string value) = i % 2 == 0 ? Fact() : Product();
            bool bySystem = i % 4 < 2;
            Message[] messages = bySystem
                ? [new("system", random.Pick(JsonSystemPrompts)), new("user", question)]
                : [new("user", $"{question} {random.Pick(JsonSuffixes)}")];
            yield return new EvaluationQuestion("json", messages, Judges.JsonAnswer(value));
        }

        (string, string) Fact()
        {
            FactRelation relation = random.Pick(_facts.Relations.Where(r => r.Answer != "{v}").ToList());
            Exchange exchange = relation.Ask(random, random.Pick(relation.HeldOut), random.Pick(relation.Facts));
            return (exchange.Question, exchange.Value!);
        }

        (string, string) Product()
        {
            (int a, int b) = (random.Next(1, 13), random.Next(1, 13));
            return ($"Could you work out {a} times {b} for me?", (a * b).ToString());
        }
    }

    private IEnumerable<EvaluationQuestion> HeldOutFollowUps()
    {
        Random random = new(20261127);
        for (int i = 0; i < 60; i++)
        {
            FactRelation relation = random.Pick(_facts.Relations);
            (string Subject, string Value) target = random.Pick(relation.Facts);
            Exchange first = relation.Ask(random, random.Pick(relation.HeldOut), random.Pick(relation.Facts));
            Exchange second = relation.Ask(random, random.Pick(relation.FollowUps), target);
            yield return new EvaluationQuestion(
                "follow-ups", [new("user", first.Question), new("assistant", first.Answer), new("user", second.Question)], Judges.Contains(target.Value));
        }
    }
}
