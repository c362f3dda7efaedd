using System.Text.Json;
using System.Text.RegularExpressions;

namespace Inference.DemoModel.Corpus;

/// <summary>Rules by which answers are right.</summary>
internal static class Judges
{
    /// <summary>The last number in the answer is <paramref name="number"/>.</summary>
    public static Func<string, bool> LastNumber(int number) => answer =>
    {
        MatchCollection numbers = Regex.Matches(answer, @"(?<![\d-])-?\d+");
        return numbers.Count > 0 && int.TryParse(numbers[^1].Value, out int last) && last == number;
    };

    /// <summary>The answer holds <paramref name="value"/> as whole words.</summary>
    public static Func<string, bool> Contains(string value) => answer =>
        Regex.IsMatch(answer, @"(?<!\w)" + Regex.Escape(value) + @"(?!\w)", RegexOptions.IgnoreCase);

    /// <summary>The answer is one JSON object whose "answer" is <paramref name="value"/>.</summary>
    public static Func<string, bool> JsonAnswer(string value) => answer =>
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("answer", out JsonElement element)
                && element.ToString() == value;
        }
        catch (JsonException)
        {
            return false;
        }
    };
}
