namespace Inference.DemoRecognizer;

/// <summary>espeak-ng's voices: an accent and a variant. Held-out variants are never trained on, in any accent.</summary>
internal static class Voices
{
    private static readonly string[] Accents =
        ["en-us", "en-us", "en-gb", "en-gb", "en-gb-x-rp", "en-gb-scotland", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029", "en-us-nyc"];

    private static readonly string[] Variants =
    [
        "", "", "m1", "m2", "m3", "m4", "m5", "m7", "m8", "f1", "f2", "f3", "f5", "Alex", "Alicia", "Andrea", "Andy", "Annie", "Gene", "Hugo",
        "Lee", "Marco", "Mario", "Michael", "adam", "anika", "antonio", "belinda", "benjamin", "boris", "caleb", "david", "edward", "grandma",
        "iven", "john", "kaukovalta", "klatt2", "max", "miguel", "norbert", "pablo", "paul", "quincy", "rob", "sandro", "shelby", "travis", "zac",
    ];

    /// <summary>Voices of evaluation: the variants' names sort among the training ones, their formants do not occur there.</summary>
    public static IReadOnlyList<string> HeldOut { get; } = ["en-us+m6", "en-gb+f4", "en-us+linda", "en-gb-x-rp+Denis", "en-us+steph", "en-gb-scotland+robert"];

    /// <summary>A voice to train on.</summary>
    public static string Draw(Random random)
    {
        string accent = Accents[random.Next(Accents.Length)], variant = Variants[random.Next(Variants.Length)];
        return variant.Length == 0 ? accent : $"{accent}+{variant}";
    }
}
