using System.Text;

namespace Inference.DemoModel.Corpus;

/// <summary>Turns templates such as "[What is|What's] {a} plus {b}?" into sentences, and sentences into what people really type.</summary>
internal static class Phrasing
{
    /// <summary>What may stand before a question.</summary>
    internal static readonly string[] Openers =
        ["Please tell me: ", "Hi! ", "Hey, ", "Hello. ", "Please: ", "Quick question: ", "OK, ", "Now: ", "Tell me: ", "Um, ", "So, ", "I have a question. "];

    public static T Pick<T>(this Random random, IReadOnlyList<T> items) => items[random.Next(items.Count)];

    /// <summary>Chooses one alternative of each [a|b] and fills in the {names}.</summary>
    public static string Expand(Random random, string template, params ReadOnlySpan<(string Name, string Value)> values)
    {
        StringBuilder text = new();
        for (int i = 0; i < template.Length; i++)
        {
            if (template[i] == '[')
            {
                int end = template.IndexOf(']', i);
                text.Append(random.Pick(template[(i + 1)..end].Split('|')));
                i = end;
            }
            else
            {
                text.Append(template[i]);
            }
        }

        foreach ((string name, string value) in values)
        {
            text.Replace("{" + name + "}", value);
        }

        return Capitalise(text.ToString());
    }

    /// <summary>Varies case, punctuation and politeness as users do.</summary>
    public static string Vary(Random random, string question)
    {
        string text = question;
        if (random.NextDouble() < 0.2)
        {
            text = random.Pick(Openers) + text;
        }

        if (random.NextDouble() < 0.2)
        {
            text = text.TrimEnd('?', '.', '!');
        }

        if (random.NextDouble() < 0.25)
        {
            text = text.ToLowerInvariant();
        }

        if (random.NextDouble() < 0.05 && !text.EndsWith('?'))
        {
            text += " please";
        }

        return text;
    }

    public static string Capitalise(string text) => text.Length == 0 || char.IsUpper(text[0]) ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
