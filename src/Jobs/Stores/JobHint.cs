using System.Globalization;

namespace Inference.Jobs.Stores;

/// <summary>News of a changed job. Between processes a text: the id, then "w" for work or "r" for a request.</summary>
internal readonly record struct JobHint(long JobId, HintKind Kind)
{
    private static readonly string[] Suffixes = ["", "w", "r"];

    public string ToText() => JobId.ToString(CultureInfo.InvariantCulture) + Suffixes[(int)Kind];

    /// <summary>The hint of a text; null for one that another version of this program wrote.</summary>
    public static JobHint? Parse(string text)
    {
        string digits = text.TrimEnd('w', 'r');
        int kind = Array.IndexOf(Suffixes, text[digits.Length..]);
        return kind >= 0 && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long id)
            ? new JobHint(id, (HintKind)kind) : null;
    }
}
