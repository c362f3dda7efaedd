namespace Inference.DemoModel.Corpus;

/// <summary>One-step word problems over the pairs that <see cref="ArithmeticSection"/> trains on; held out are pairs and names.</summary>
public sealed class WordProblemSection : ICorpusSection
{
    private static readonly string[] Names =
        ["Tom", "Anna", "Ben", "Mia", "Leo", "Emma", "Paul", "Lena", "Max", "Sara", "Tim", "Lily", "Jack", "Nina", "Sam", "Eva", "Noah", "Maria", "Felix", "Julia"];

    private static readonly string[] HeldOutNames = ["Oscar", "Clara", "Henry", "Ida"];

    private static readonly string[] Things =
        ["apples", "books", "pencils", "sweets", "marbles", "stickers", "cards", "coins", "balls", "cookies", "flowers", "stamps", "toys", "shells", "eggs", "oranges"];

    private static readonly string[] Gains =
    [
        "{n} has {a} {t} and gets {b} more. How many {t} does {n} have now?", "{n} has {a} {t}. {n} finds {b} more. How many {t} does {n} have?",
        "{n} has {a} {t} and buys {b} more {t}. How many {t} is that?", "There are {a} {t} in one box and {b} {t} in another. How many {t} are there in all?",
        "{n} had {a} {t}. A friend gives {n} {b} more. How many {t} are there now?",
    ];

    private static readonly string[] Losses =
    [
        "{n} has {a} {t} and gives away {b}. How many {t} are left?", "{n} has {a} {t}. {n} loses {b} of them. How many {t} does {n} have now?",
        "There are {a} {t} on the table. {n} takes {b}. How many {t} are left?", "{n} had {a} {t} and sold {b}. How many {t} does {n} still have?",
    ];

    private static readonly string[] Groups =
    [
        "{n} has {a} boxes with {b} {t} each. How many {t} is that?", "There are {a} bags with {b} {t} in each. How many {t} are there in all?",
        "{n} buys {a} packs of {b} {t}. How many {t} does {n} have?", "Each of {a} children has {b} {t}. How many {t} do they have together?",
    ];

    private static readonly string[] Shares =
    [
        "{n} shares {a} {t} equally among {b} children. How many {t} does each child get?", "{a} {t} are put into {b} equal groups. How many {t} are in each group?",
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Exchange> Sample(Random random)
    {
        (int a, int b) = ArithmeticSection.TrainingPair(random, random.Next(2) == 0 ? 30 : 100);
        return [Problem(random, random.Next(9), random.Pick(Names), a, b).Exchange];
    }

    /// <inheritdoc/>
    public IEnumerable<EvaluationQuestion> HeldOut()
    {
        Random random = new(20261122);
        for (int i = 0; i < 150; i++)
        {
            (int a, int b) = (random.Next(1, 100), random.Next(1, 100));
            while (!ArithmeticSection.IsHeldOut(a, b))
            {
                (a, b) = (random.Next(1, 100), random.Next(1, 100));
            }

            // Groups and shares draw numbers of their own: there the name is what training never shows.
            string name = random.Pick(HeldOutNames);
            (Exchange exchange, int result) = Problem(random, i % 9, name, a, b);
            while (!exchange.Question.Contains(name))
            {
                (exchange, result) = Problem(random, i % 9, name, a, b);
            }

            yield return new EvaluationQuestion("word problems", [new Message("user", exchange.Question)], Judges.LastNumber(result));
        }
    }

    private static (Exchange Exchange, int Result) Problem(Random random, int kind, string name, int a, int b)
    {
        string thing = random.Pick(Things);
        (string template, char sign, int result) = kind switch
        {
            < 3 => (random.Pick(Gains), '+', a + b),
            < 6 => (random.Pick(Losses), '-', 0),
            < 8 => (random.Pick(Groups), '×', 0),
            _ => (random.Pick(Shares), '/', 0),
        };
        switch (sign)
        {
            case '-':
                (a, b) = (Math.Max(a, b), Math.Min(a, b));
                result = a - b;
                break;
            case '×':
                (a, b) = (random.Next(2, 13), random.Next(2, 13));
                result = a * b;
                break;
            case '/':
                (result, b) = (random.Next(1, 13), random.Next(2, 13));
                a = result * b;
                break;
        }

        string question = Phrasing.Expand(random, template, ("n", name), ("t", thing), ("a", a.ToString()), ("b", b.ToString()));
        string equation = sign switch
        {
            '+' => Steps.Sum(a, b),
            '-' => Steps.Difference(a, b),
            _ => $"{a} {sign} {b} = {result}",
        };
        return (new Exchange(question, $"{equation}. The answer is {result}.", result.ToString()), result);
    }
}
