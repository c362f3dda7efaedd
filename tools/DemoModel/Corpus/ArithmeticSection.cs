namespace Inference.DemoModel.Corpus;

/// <summary>
/// Times tables to 12 x 12 with their divisions, and sums and differences of numbers below 100. One pair in ten of the sums
/// and differences is held out everywhere (whatever its order); of the tables, phrasings are held out.
/// </summary>
public sealed class ArithmeticSection : ICorpusSection
{
    private static readonly string[] Frames =
    [
        "[What is|What's|How much is] {q}?", "{q}", "{q} =", "{q}?", "Calculate {q}.", "Can you calculate {q}?", "Compute {q}.", "Tell me {q}.",
        "What does {q} make?", "[Do you know|Can you tell me] what {q} is?", "Solve {q}.", "What do I get for {q}?", "{q} is what?", "What is the answer to {q}?",
        "What is the result of {q}?", "{q} equals?", "I need {q}.", "What does {q} equal?", "And {q}?", "What about {q}?", "And what is {q}?",
        "How much does {q} make?", "What does {q} come to?", "[Work|Please work] out {q}.", "Could you calculate {q} for me?", "Give me {q}.", "The answer to {q}?",
        "Can you work out {q}?", "Could you tell me {q}?", "Give the result of {q}.",
    ];

    private static readonly string[] HeldOutFrames = ["Could you work out {q} for me?", "Give me the answer: {q}", "How much does {q} come to?"];

    private static readonly string[] Times = ["{a} x {b}", "{a} × {b}", "{a} * {b}", "{a} times {b}", "{a}x{b}", "{a}*{b}", "{a} multiplied by {b}", "{a} times {b}", "{a}×{b}"];
    private static readonly string[] Plus = ["{a} + {b}", "{a} plus {b}", "{a}+{b}", "{a} plus {b}", "{a} and {b} together", "the sum of {a} and {b}", "{a} added to {b}"];
    private static readonly string[] Minus = ["{a} - {b}", "{a} minus {b}", "{a}-{b}", "{a} minus {b}", "{a} take away {b}", "the difference of {a} and {b}", "{a} less {b}"];
    private static readonly string[] Divided = ["{a} / {b}", "{a} ÷ {b}", "{a} divided by {b}", "{a}/{b}", "{a} : {b}"];

    /// <summary>Whether sums and differences of the pair are kept from training.</summary>
    public static bool IsHeldOut(int a, int b)
    {
        uint hash = ((uint)Math.Min(a, b) * 2654435761u) ^ ((uint)Math.Max(a, b) * 2246822519u);
        hash ^= hash >> 15;
        hash *= 2654435769u;
        return (hash >> 20) % 10 == 0;
    }

    /// <summary>A pair of numbers from 0 to 99 that is not held out.</summary>
    internal static (int A, int B) TrainingPair(Random random, int limit = 100, int secondLimit = 100)
    {
        while (true)
        {
            (int a, int b) = (random.Next(limit), random.Next(Math.Min(limit, secondLimit)));
            if (!IsHeldOut(a, b))
            {
                return (a, b);
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<Exchange> Sample(Random random) => random.Next(20) switch
    {
        < 4 => [Multiplication(random)],
        < 5 => [Division(random)],
        < 13 => [Addition(random)],
        < 19 => [Subtraction(random)],
        _ => [Comparison(random)],
    };

    /// <inheritdoc/>
    public IEnumerable<EvaluationQuestion> HeldOut()
    {
        Random random = new(20261121);
        for (int a = 1; a <= 12; a++)
        {
            for (int b = 1; b <= 12; b++)
            {
                foreach (string frame in HeldOutFrames)
                {
                    yield return Question(random, "times tables", frame, random.Pick(Times), a, b, a * b);
                }
            }
        }

        foreach ((int a, int b) in Pairs().Where(p => IsHeldOut(p.A, p.B)).OrderBy(_ => random.Next()).Take(300))
        {
            yield return Question(random, "sums", random.Pick(Frames), random.Pick(Plus[..^1]), a, b, a + b);
            (int high, int low) = (Math.Max(a, b), Math.Min(a, b));
            yield return Question(random, "differences", random.Pick(Frames), random.Pick(Minus), high, low, high - low);
        }
    }

    private static IEnumerable<(int A, int B)> Pairs() =>
        from a in Enumerable.Range(0, 100) from b in Enumerable.Range(0, 100) select (a, b);

    private static EvaluationQuestion Question(Random random, string category, string frame, string form, int a, int b, int result) =>
        new(category, [new Message("user", Ask(random, frame, form, a, b))], Judges.LastNumber(result));

    private static string Ask(Random random, string frame, string form, int a, int b)
    {
        bool spelled = !form.Contains("}x{") && !form.Contains("}*{") && !form.Contains("}×{") && !form.Contains("}+{") && !form.Contains("}-{") && !form.Contains("}/{");
        string left = spelled ? NumberWords.DigitsOrWords(random, a) : a.ToString();
        string right = spelled ? NumberWords.DigitsOrWords(random, b) : b.ToString();
        string query = form.Replace("{a}", left).Replace("{b}", right);
        return Phrasing.Expand(random, frame, ("q", query));
    }

    private static Exchange Multiplication(Random random)
    {
        (int a, int b) = (random.Next(1, 13), random.Next(1, 13));
        if (random.Next(30) == 0)
        {
            b = 0;
        }

        return new Exchange(Ask(random, random.Pick(Frames), random.Pick(Times), a, b), $"{a} × {b} = {a * b}", (a * b).ToString());
    }

    private static Exchange Division(Random random)
    {
        (int a, int b) = (random.Next(1, 13), random.Next(1, 13));
        return new Exchange(Ask(random, random.Pick(Frames), random.Pick(Divided), a * b, b), $"{a * b} / {b} = {a}", a.ToString());
    }

    private static Exchange Addition(Random random)
    {
        (int a, int b) = TrainingPair(random, random.Next(5) == 0 ? 20 : 100, random.Next(5) == 0 ? 10 : 100);
        if (random.Next(2) == 0)
        {
            (a, b) = (b, a);
        }

        return new Exchange(Ask(random, random.Pick(Frames), random.Pick(Plus), a, b), Steps.Sum(a, b), (a + b).ToString());
    }

    private static Exchange Subtraction(Random random)
    {
        (int a, int b) = random.Next(6) == 0 ? NearPair(random) : TrainingPair(random, random.Next(5) == 0 ? 20 : 100, random.Next(6) == 0 ? 10 : 100);
        if (a < b && random.Next(20) != 0)
        {
            (a, b) = (b, a);
        }

        return new Exchange(Ask(random, random.Pick(Frames), random.Pick(Minus), a, b), Steps.Difference(a, b), (a - b).ToString());
    }

    /// <summary>A pair with the same tens, not held out.</summary>
    private static (int A, int B) NearPair(Random random)
    {
        while (true)
        {
            int tens = random.Next(10) * 10;
            (int a, int b) = (tens + random.Next(10), tens + random.Next(10));
            if (!IsHeldOut(a, b))
            {
                return (a, b);
            }
        }
    }

    private static Exchange Comparison(Random random)
    {
        (int a, int b) = (random.Next(100), random.Next(100));
        if (a == b)
        {
            b++;
        }

        bool bigger = random.Next(2) == 0;
        string question = Phrasing.Expand(
            random, bigger ? "Which is [bigger|larger|greater], {a} or {b}?" : "Which is [smaller|less], {a} or {b}?", ("a", a.ToString()), ("b", b.ToString()));
        int value = bigger ? Math.Max(a, b) : Math.Min(a, b);
        return new Exchange(question, $"{value} is {(bigger ? "bigger" : "smaller")} than {(value == a ? b : a)}.", value.ToString());
    }
}
