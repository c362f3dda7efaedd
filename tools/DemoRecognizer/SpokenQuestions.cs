using System.Text;
using System.Text.RegularExpressions;
using Inference.DemoModel.Corpus;

namespace Inference.DemoRecognizer;

/// <summary>
/// The demo model's questions as they are spoken: lower-case words without punctuation, numbers in words. Questions with signs,
/// foreign letters or word problems' length are left out.
/// </summary>
internal sealed partial class SpokenQuestions
{
    private const int MaxCharacters = 64;

    /// <summary>Questions that <see cref="DrawWords"/> has its words from.</summary>
    private const int SampledQuestions = 20_000;

    /// <summary>Said by the tests of the whole loop; never trained on.</summary>
    private static readonly string[] Reserved = ["what is seven times eight", "what is the capital of france"];

    private readonly (ICorpusSection Section, int Share)[] _sections =
        [(new ArithmeticSection(), 11), (new FactSection(), 7), (new SmallTalkSection(), 1), (new ExplanationSection(), 1)];

    private readonly HashSet<string> _heldOut;
    private readonly Lazy<string[]> _words;

    public SpokenQuestions()
    {
        HeldOut = [.. Reserved, .. new DemoCorpus().HeldOut().Select(q => Spoken(q.Messages[^1].Content)).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        _heldOut = [.. HeldOut];
        _words = new Lazy<string[]>(Words);
    }

    /// <summary>Questions that <see cref="Draw"/> never gives.</summary>
    public IReadOnlyList<string> HeldOut { get; }

    /// <summary>The text is a held-out question.</summary>
    public bool IsHeldOut(string text) => _heldOut.Contains(text);

    /// <summary>A question to train on.</summary>
    public string Draw(Random random)
    {
        while (true)
        {
            int ticket = random.Next(_sections.Sum(s => s.Share));
            ICorpusSection section = _sections[0].Section;
            foreach ((ICorpusSection candidate, int share) in _sections)
            {
                if (ticket >= 0)
                {
                    section = candidate;
                }

                ticket -= share;
            }

            IReadOnlyList<Exchange> exchanges = section.Sample(random);
            string? text = Spoken(exchanges[random.Next(exchanges.Count)].Question);
            if (text is not null && !_heldOut.Contains(text))
            {
                return text;
            }
        }
    }

    /// <summary>One to four words that follow each other in a question to train on.</summary>
    public string DrawPart(Random random)
    {
        string[] words = Draw(random).Split(' ');
        int length = Math.Min(words.Length, random.Next(1, 5)), first = random.Next(words.Length - length + 1);
        return string.Join(' ', words[first..(first + length)]);
    }

    /// <summary>
    /// Two to six words of the questions to train on, in no order: each word as often as another, and numbers. What is said
    /// next cannot be guessed from what was said.
    /// </summary>
    public string DrawWords(Random random)
    {
        List<string> words = [];
        for (int count = random.Next(2, 7); count > 0; count--)
        {
            words.Add(random.Next(4) == 0 ? NumberWords.Of(random.Next(random.Next(8) == 0 ? 1000 : 100)).Replace('-', ' ') : _words.Value[random.Next(_words.Value.Length)]);
        }

        string text = string.Join(' ', words);
        return text.Length <= MaxCharacters && !_heldOut.Contains(text) ? text : DrawWords(random);
    }

    private string[] Words()
    {
        Random random = new(1);
        return [.. Enumerable.Range(0, SampledQuestions).SelectMany(_ => Draw(random).Split(' ')).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>How a question is spoken, or null where it has something that is not.</summary>
    internal static string? Spoken(string question)
    {
        if (Sign().IsMatch(question))
        {
            return null;
        }

        StringBuilder text = new();
        foreach (Match word in Word().Matches(question.Replace('’', '\'')))
        {
            string spoken = int.TryParse(word.Value, out int number) && number <= 999 ? NumberWords.Of(number) : word.Value;
            text.Append(text.Length > 0 ? " " : "").Append(spoken.Replace('-', ' ').ToLowerInvariant());
        }

        return text.Length is > 1 and <= MaxCharacters && text.ToString().All(c => c is (>= 'a' and <= 'z') or '\'' or ' ') ? text.ToString() : null;
    }

    [GeneratedRegex(@"[+*×/÷=<>{}""()]|\d\s*[-x:]\s*\d|\d[a-zA-Z]| - | x | : ")]
    private static partial Regex Sign();

    [GeneratedRegex(@"[\p{L}\p{N}'-]+")]
    private static partial Regex Word();
}
