using System.Text;

namespace Inference.Cli.Bench;

/// <summary>Prompts of random English words: a prefix shared by all requests, then words of each one's own.</summary>
internal sealed class BenchPrompts(int sharedWords, int ownWords, int seed)
{
    private static readonly string[] Words =
    [
        "time", "year", "people", "way", "day", "man", "thing", "woman", "life", "child", "world", "school", "state", "family", "student", "group", "country",
        "problem", "hand", "part", "place", "case", "week", "company", "system", "program", "question", "work", "number", "night", "point", "home", "water",
        "room", "mother", "area", "money", "story", "fact", "month", "lot", "right", "study", "book", "eye", "job", "word", "business", "issue", "side",
    ];

    private readonly string _shared = Text(sharedWords, seed);

    /// <summary>The prompt of request <paramref name="index"/>: the same for the same seed.</summary>
    public string this[int index] => _shared + Text(ownWords, unchecked((seed * 1_000_003) + index + 1));

    private static string Text(int words, int seed)
    {
        Random random = new(seed);
        StringBuilder text = new();
        for (int i = 0; i < words; i++)
        {
            text.Append(Words[random.Next(Words.Length)]).Append(' ');
        }

        return text.ToString();
    }
}
