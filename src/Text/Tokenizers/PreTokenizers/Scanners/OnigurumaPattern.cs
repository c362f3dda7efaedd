using System.Text;
using System.Text.RegularExpressions;

namespace Inference.Text.Tokenizers.PreTokenizers.Scanners;

/// <summary>
/// Patterns of tokenizer.json are in Oniguruma's syntax; .NET reads nearly all of it alike. What differs is rewritten
/// (?+, *+ and ++ become atomic groups: \p{L}++ is (?&gt;\p{L}+)) or refused.
/// </summary>
internal static class OnigurumaPattern
{
    /// <summary>One match may take so long; then RegexMatchTimeoutException is thrown.</summary>
    public static TimeSpan MatchTimeout { get; } = TimeSpan.FromSeconds(2);

    /// <exception cref="TokenizerFormatException">The pattern is not supported.</exception>
    public static Regex Compile(string pattern, string field)
    {
        try
        {
            // Multiline: in Oniguruma's default syntax ^ and $ hold at every line.
            const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.Compiled;
            return new Regex(ToAtomicGroups(pattern), Options, MatchTimeout);
        }
        catch (ArgumentException e)
        {
            throw new TokenizerFormatException($"{field}: the pattern {pattern} is not supported: {e.Message}", e);
        }
    }

    // Classes that nest or intersect would be read differently by .NET, and supplementary characters as two: ArgumentException.
    private static string ToAtomicGroups(string pattern)
    {
        if (pattern.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') >= 0) throw new ArgumentException("a supplementary character");
        StringBuilder output = new(pattern.Length + 16);
        Stack<int> groups = new();
        int atom = 0;
        for (int i = 0; i < pattern.Length;)
        {
            char c = pattern[i];
            if (c is '?' or '*' or '+' && i + 1 < pattern.Length && pattern[i + 1] == '+')
            {
                output.Insert(atom, "(?>").Append(c).Append(')');
                i += 2;
                continue;
            }

            int length = AtomLength(pattern, i);
            if (c == '(') groups.Push(output.Length);
            if (c == ')' && groups.TryPop(out int opening)) atom = opening;
            else if (c is not ('?' or '*' or '+' or '{')) atom = output.Length;
            output.Append(pattern, i, length);
            i += length;
        }

        return output.ToString();
    }

    private static int AtomLength(string pattern, int start)
    {
        switch (pattern[start])
        {
            case '\\' when start + 2 < pattern.Length && pattern[start + 1] is 'p' or 'P' && pattern[start + 2] == '{':
                return Closing(pattern, start, '}');
            case '\\':
                return Math.Min(2, pattern.Length - start);
            case '{':
                return Closing(pattern, start, '}');
            case '(' when start + 1 < pattern.Length && pattern[start + 1] == '?':
                return 2;
            case '[':
                return ClassLength(pattern, start);
            default:
                return 1;
        }
    }

    private static int Closing(string pattern, int start, char closing)
    {
        int end = pattern.IndexOf(closing, start);
        return end < 0 ? pattern.Length - start : end - start + 1;
    }

    private static int ClassLength(string pattern, int start)
    {
        int first = start + 1 < pattern.Length && pattern[start + 1] == '^' ? start + 2 : start + 1;
        for (int i = first; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\') i++;
            else if (pattern[i] == ']' && i > first) return i - start + 1;
            else if (pattern[i] == '[') throw new ArgumentException("a character class within a character class");
            else if (pattern.AsSpan(i).StartsWith("&&")) throw new ArgumentException("an intersection of character classes");
        }

        return pattern.Length - start;
    }
}
