using System.Text;

namespace Inference.Jobs;

/// <summary>Texts that any database takes: no NUL, no half characters, no more than so long.</summary>
internal static class Texts
{
    public static string Clean(string text, int maxLength)
    {
        StringBuilder clean = new(Math.Min(text.Length, maxLength));
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > maxLength)
                break;
            clean.Append(rune.Value == 0 ? Rune.ReplacementChar : rune);
        }

        return clean.ToString();
    }
}
