using System.Globalization;
using System.Text.RegularExpressions;

namespace Inference.Text.Tokenizers.PreTokenizers.Scanners;

/// <summary>
/// Patterns of one set with a count, after at most one optional white space: \p{N}, [0-9]{1,3}, \s?[a-z]+. Linear in the text.
/// </summary>
internal sealed partial class RunScanner : Scanner
{
    private readonly Func<int, bool>? _prefix;
    private readonly CodePointSet _set;
    private readonly int _minimum;
    private readonly int _maximum;

    private RunScanner(Func<int, bool>? prefix, CodePointSet set, int minimum, int maximum) =>
        (_prefix, _set, _minimum, _maximum) = (prefix, set, minimum, maximum);

    /// <summary>A scanner for <paramref name="pattern"/>; null when the pattern is of another kind.</summary>
    public static RunScanner? TryCreate(string pattern)
    {
        Func<int, bool>? prefix = pattern.StartsWith(" ?", StringComparison.Ordinal) ? c => c == ' '
            : pattern.StartsWith(@"\s?", StringComparison.Ordinal) ? CodePoint.IsSpace
            : null;
        CodePointSetParser parser = new(pattern, prefix is null ? 0 : pattern.IndexOf('?', StringComparison.Ordinal) + 1);
        if (parser.Parse() is not { } set) return null;
        Match count = Count().Match(pattern, parser.Position);
        if (!count.Success) return null;
        int Number(string group, int ifAbsent) =>
            count.Groups[group].Success ? int.Parse(count.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : ifAbsent;
        int minimum = Number("min", 1);
        int maximum = count.Length == 0 ? 1 : count.Groups["comma"].Success || count.Value == "+" ? Number("max", int.MaxValue) : minimum;
        return minimum > 0 && maximum >= minimum ? new RunScanner(prefix, set, minimum, maximum) : null;
    }

    protected override bool TryNext(ReadOnlySpan<char> text, int start, out int matchStart, out int matchLength)
    {
        for (matchStart = start; matchStart < text.Length;)
        {
            int first = CodePoint.At(text, matchStart, out int length);
            int next = 0;
            int end = _prefix is not null && _prefix(first) ? Run(text, matchStart + length, out _) : -1;
            if (end < 0) end = Run(text, matchStart, out next);
            matchLength = end - matchStart;
            if (end >= 0) return true;
            matchStart = next;
        }

        matchLength = 0;
        return false;
    }

    [GeneratedRegex(@"\G(\+|\{(?<min>[0-9]{1,6})(?<comma>,(?<max>[0-9]{1,6})?)?\})?$")]
    private static partial Regex Count();

    // The end of a run at start, or -1 and where to go on: behind a run that is too short.
    private int Run(ReadOnlySpan<char> text, int start, out int next)
    {
        int count = 0;
        int end = start;
        while (count < _maximum && CodePoint.At(text, end, out int length) is var c and >= 0 && _set.Contains(c))
        {
            end += length;
            count++;
        }

        if (count >= _minimum)
        {
            next = end;
            return end;
        }

        CodePoint.At(text, start, out int first);
        next = Math.Max(end, start + first);
        return -1;
    }
}
