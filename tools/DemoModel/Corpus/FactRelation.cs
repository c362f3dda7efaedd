namespace Inference.DemoModel.Corpus;

/// <summary>One relation of Data/facts.txt or Data/country.txt: its phrasings and its facts.</summary>
internal sealed record FactRelation(
    string Name, string Category, string[] Training, string[] HeldOut, string Answer, string[] FollowUps, IReadOnlyList<(string Subject, string Value)> Facts)
{
    public static IReadOnlyList<FactRelation> Load(string file)
    {
        List<FactRelation> relations = [];
        List<(string, string)> facts = [];
        foreach (string line in CorpusData.Lines(file).Where(l => l.Length > 0))
        {
            if (line.StartsWith("relation "))
            {
                string[] words = line.Split(' ');
                facts = [];
                relations.Add(new FactRelation(words[1], words[2], [], [], "", [], facts));
            }
            else if (line.Split(": ", 2) is [("train" or "held" or "answer" or "follow") and { } key, { } value])
            {
                FactRelation last = relations[^1];
                relations[^1] = key switch
                {
                    "train" => last with { Training = CorpusData.Alternatives(value) },
                    "held" => last with { HeldOut = CorpusData.Alternatives(value) },
                    "answer" => last with { Answer = value },
                    _ => last with { FollowUps = CorpusData.Alternatives(value) },
                };
            }
            else
            {
                string[] sides = line.Split(" = ", 2);
                facts.Add((sides[0], sides[1]));
            }
        }

        return relations;
    }

    public Exchange Ask(Random random, string template, (string Subject, string Value) fact) => new(
        Phrasing.Expand(random, template, ("s", fact.Subject)),
        Phrasing.Capitalise(Answer.Replace("{s}", fact.Subject).Replace("{v}", fact.Value)),
        Answer == "{v}" ? null : fact.Value);
}
