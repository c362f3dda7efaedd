using System.Globalization;
using System.Text;

namespace Inference.Text.ChatTemplates.Values;

/// <summary>Text by Unicode code points, as Python counts it; .NET counts UTF-16 units.</summary>
internal static class CodePoints
{
    public static int Count(string text)
    {
        int count = 0;
        for (int i = 0; i < text.Length; i++, count++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
        }

        return count;
    }

    /// <summary>One string a code point; a lone surrogate stands for itself.</summary>
    public static List<string> Split(string text)
    {
        List<string> points = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            bool isPair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            points.Add(isPair ? text.Substring(i, 2) : text[i].ToString());
            i += isPair ? 1 : 0;
        }

        return points;
    }

    public static int Compare(string left, string right)
    {
        int i = 0;
        while (i < left.Length && i < right.Length && left[i] == right[i])
        {
            i++;
        }

        if (i == left.Length || i == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        bool isLeftSurrogate = char.IsSurrogate(left[i]);
        bool isRightSurrogate = char.IsSurrogate(right[i]);
        return isLeftSurrogate == isRightSurrogate ? left[i].CompareTo(right[i]) : isLeftSurrogate ? 1 : -1;
    }

    /// <summary>Whether Python's repr shows the code point as it is.</summary>
    public static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control
            or UnicodeCategory.Format
            or UnicodeCategory.Surrogate
            or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator => false,
        UnicodeCategory.SpaceSeparator => rune.Value == ' ',
        _ => true,
    };
}
