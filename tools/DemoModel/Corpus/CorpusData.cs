using System.Reflection;

namespace Inference.DemoModel.Corpus;

/// <summary>The text files under Data/, embedded in the assembly; lines that start with # are comments.</summary>
internal static class CorpusData
{
    public static IReadOnlyList<string> Lines(string file)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"the corpus file {file} is not embedded");
        using StreamReader reader = new(stream);
        return [.. reader.ReadToEnd().Split('\n').Select(l => l.TrimEnd('\r')).Where(l => !l.StartsWith('#'))];
    }

    public static string[] Alternatives(string text)
    {
        // A "|" inside [brackets] belongs to the phrasing.
        List<string> parts = [];
        int depth = 0, start = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == '|' && depth == 0))
            {
                parts.Add(text[start..i].Trim());
                start = i + 1;
            }
            else
            {
                depth += text[i] == '[' ? 1 : text[i] == ']' ? -1 : 0;
            }
        }

        return [.. parts];
    }
}
