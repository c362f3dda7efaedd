namespace Inference.DemoModel.Corpus;

/// <summary>English number words from 0 to 999.</summary>
internal static class NumberWords
{
    private static readonly string[] Small =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
        "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ];

    private static readonly string[] Tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    public static string Of(int number) => number switch
    {
        < 0 or > 999 => throw new ArgumentOutOfRangeException(nameof(number), number, "words are known from 0 to 999"),
        < 20 => Small[number],
        < 100 => Tens[number / 10] + (number % 10 == 0 ? "" : "-" + Small[number % 10]),
        _ => Small[number / 100] + " hundred" + (number % 100 == 0 ? "" : " and " + Of(number % 100)),
    };

    /// <summary>Digits, or words in about a quarter of the cases, with a hyphen or without.</summary>
    public static string DigitsOrWords(Random random, int number) =>
        random.NextDouble() < 0.28 && number is >= 0 and <= 999
            ? random.NextDouble() < 0.5 ? Of(number) : Of(number).Replace('-', ' ')
            : number.ToString();
}
