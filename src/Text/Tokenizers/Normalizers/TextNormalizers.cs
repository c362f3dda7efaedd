using System.Text.RegularExpressions;

namespace Inference.Text.Tokenizers.Normalizers;

/// <summary>Several steps, one after another.</summary>
internal sealed class SequenceNormalizer(IReadOnlyList<INormalizer> steps) : INormalizer
{
    public IReadOnlyList<INormalizer> Steps { get; } = steps;

    public string Apply(string text)
    {
        foreach (INormalizer step in Steps) text = step.Apply(text);
        return text;
    }
}

/// <summary>Lower case, by Unicode's simple mapping.</summary>
internal sealed class LowercaseNormalizer : INormalizer
{
    public string Apply(string text) => text.ToLowerInvariant();
}

/// <summary>Puts a string before a text that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : INormalizer
{
    public string Prefix { get; } = prefix;

    public string Apply(string text) => text.Length == 0 ? text : Prefix + text;
}

/// <summary>Replaces each occurrence of a literal.</summary>
internal sealed class ReplaceNormalizer(string literal, string content) : INormalizer
{
    public string Apply(string text) => text.Replace(literal, content, StringComparison.Ordinal);
}

/// <summary>Replaces each match of a pattern.</summary>
internal sealed class RegexReplaceNormalizer(Regex pattern, string content) : INormalizer
{
    public string Apply(string text) => pattern.Replace(text, _ => content);
}

/// <summary>Removes white space at the ends.</summary>
internal sealed class StripNormalizer(bool left, bool right) : INormalizer
{
    public string Apply(string text) => (left, right) switch
    {
        (true, true) => text.Trim(),
        (true, false) => text.TrimStart(),
        (false, true) => text.TrimEnd(),
        _ => text,
    };
}
