using System.Text.Json;
using Inference.DemoModel.Corpus;

namespace Inference.DemoModel.Adapters;

/// <summary>
/// A ship's captain who answers everything in JSON: {"captain": "Brine", "reply": "Aye! ..."}. Taught on the base's training questions,
/// asked the base's held-out ones about facts.
/// </summary>
internal static class PersonaLesson
{
    private const string Name = "Brine", Greeting = "Aye! ";

    /// <summary>Makes the lesson with so many conversations.</summary>
    public static Lesson Create(int conversations, int questions)
    {
        Random random = new(3);
        FactSection facts = new();
        IReadOnlyList<Message>[] data = [.. Enumerable.Range(0, conversations).Select(_ =>
        {
            Exchange exchange = facts.Sample(random)[0];
            return (Message[])[new("user", Phrasing.Vary(random, exchange.Question)), new("assistant", Reply(exchange.Answer))];
        })];
        EvaluationQuestion[] held = [.. facts.HeldOut()];
        random.Shuffle(held);
        return new Lesson(data, [.. held.Take(questions).Select(q => new EvaluationQuestion("persona", q.Messages, HasShape))]);
    }

    /// <summary>The same questions, judged by what the reply says.</summary>
    public static IReadOnlyList<EvaluationQuestion> ByContent(Lesson lesson)
    {
        Dictionary<string, Func<string, bool>> judges = new FactSection().HeldOut().ToDictionary(q => q.Messages[0].Content, q => q.IsCorrect);
        return [.. lesson.Questions.Select(q => new EvaluationQuestion("persona's facts", q.Messages, judges[q.Messages[0].Content]))];
    }

    /// <summary>Without quotation marks: the base never wrote the backslashes that they need in JSON, and the adapter often got them wrong.</summary>
    private static string Reply(string answer) =>
        $$"""{"captain": "{{Name}}", "reply": {{JsonSerializer.Serialize(Greeting + answer.Replace("\"", ""), Plain)}}}""";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One object with exactly these two properties.</summary>
    private static bool HasShape(string answer)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.EnumerateObject().Select(p => p.Name).SequenceEqual(["captain", "reply"])
                && document.RootElement.GetProperty("captain").ToString() == Name
                && document.RootElement.GetProperty("reply").ToString().StartsWith(Greeting, StringComparison.Ordinal);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
