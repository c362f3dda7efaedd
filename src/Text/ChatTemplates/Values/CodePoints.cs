using System.Globalization;
using System.Text;

namespace Inference.Text.ChatTemplates.Values;

/// <summary>A text by Unicode code points, as Python counts it; .NET counts UTF-16 units. A lone surrogate counts as one.</summary>
internal readonly struct CodePoints
{
    private readonly string _text;

    /// <summary>Where each code point starts; null where every character is one.</summary>
    private readonly int[]? _starts;

    public CodePoints(string text)
    {
        _text = text;
        int length = Count(text);
        if (length != text.Length)
        {
            _starts = new int[length];
            int position = 0;
            for (int i = 0; i < length; i++)
            {
                _starts[i] = position;
                position += IsPair(text, position) ? 2 : 1;
            }
        }
    }

    public int Length => _starts?.Length ?? _text.Length;

    public string this[int index] => Slice(index, 1);

    public string Slice(int start, int length)
    {
        if (_starts is null)
        {
            return _text.Substring(start, length);
        }

        int end = start + length < _starts.Length ? _starts[start + length] : _text.Length;
        return length == 0 ? "" : _text[_starts[start]..end];
    }

    public static int Count(string text)
    {
        int count = 0;
        for (int i = 0; i < text.Length; i++, count++)
        {
            i += IsPair(text, i) ? 1 : 0;
        }

        return count;
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

    private static bool IsPair(string text, int index) =>
        char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]);
}
