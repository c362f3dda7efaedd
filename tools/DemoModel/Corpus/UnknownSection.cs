namespace Inference.DemoModel.Corpus;

/// <summary>Questions outside what is taught: real ones, made-up names in known phrasings, and numbers that are too large.</summary>
public sealed class UnknownSection(FactSection facts) : ICorpusSection
{
    /// <summary>The one answer to them.</summary>
    public const string Answer = "I don't know. I have not learned that yet.";

    private static readonly string[] Syllables =
        ["bla", "zor", "vek", "lum", "tri", "nax", "qui", "dro", "fen", "gol", "mip", "ska", "rup", "wil", "yon", "hax", "pel", "cru", "dim", "obo", "ur", "ast", "ind", "ell"];

    private static readonly string[] HeldOutSyllables = ["jub", "kaf", "tob", "wex", "zin", "gri"];

    private static readonly string[] Endings = ["ia", "land", "ville", "ton", "us", "or", "an", "ek", "o", "um"];

    private static readonly string[] LargeForms = ["[What is|What's|How much is] {a} {o} {b}?", "{a} {o} {b}", "Calculate {a} {o} {b}."];
    private static readonly string[] Operators = ["x", "*", "times", "+", "plus", "-", "minus", "divided by"];

    private readonly string[] _training = Questions("train ");
    private readonly string[] _heldOut = Questions("held ");

    /// <inheritdoc/>
    public IReadOnlyList<Exchange> Sample(Random random) => [new Exchange(random.Next(10) switch
    {
        < 4 => random.Pick(_training),
        < 8 => MadeUp(random, Syllables),
        _ => Large(random),
    }, Answer)];

    /// <inheritdoc/>
    public IEnumerable<EvaluationQuestion> HeldOut()
    {
        Random random = new(20261125);
        IEnumerable<string> questions = _heldOut
            .Concat(Enumerable.Range(0, 50).Select(_ => MadeUp(random, HeldOutSyllables)))
            .Concat(Enumerable.Range(0, 25).Select(_ => Large(random)));
        foreach (string question in questions)
        {
            yield return new EvaluationQuestion("unknown", [new Message("user", question)], Judges.Contains("don't know"));
        }
    }

    private static string[] Questions(string prefix) =>
        [.. CorpusData.Lines("unknown.txt").Where(l => l.StartsWith(prefix, StringComparison.Ordinal)).Select(l => l[prefix.Length..])];

    private static string Large(Random random) => Phrasing.Expand(
        random, random.Pick(LargeForms), ("a", random.Next(200, 10_000).ToString()), ("o", random.Pick(Operators)), ("b", random.Next(13, 1_000).ToString()));

    private string MadeUp(Random random, string[] first)
    {
        FactRelation relation = random.Pick(facts.Relations);
        while (relation.Name is "superlative" or "units" or "who_did" or "why")
        {
            relation = random.Pick(facts.Relations);
        }

        string name = random.Pick(first) + (random.Next(2) == 0 ? random.Pick(Syllables) : "") + random.Pick(Endings);
        bool isProper = relation.Category == "geography" || relation.Name is "who_wrote" or "from_german";
        string article = relation.Facts[0].Subject is ['a', ' ', ..] or ['a', 'n', ' ', ..] ? "a " : "";
        return Phrasing.Expand(random, random.Pick(relation.Training), ("s", article + (isProper ? Phrasing.Capitalise(name) : name)));
    }
}
