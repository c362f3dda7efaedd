using System.Text.RegularExpressions;

namespace Inference.Models.Lora;

/// <summary>Regular expressions of adapter files, which anybody may have written: their time is bounded.</summary>
internal static class ModulePattern
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>Matches whole names, as Python's re.fullmatch.</summary>
    /// <exception cref="ArgumentException">The expression is not valid.</exception>
    public static Regex Whole(string pattern) => Make($@"\A(?:{pattern})\z");

    /// <summary>Matches names of which it is the end, or the end after a dot: the keys of rank_pattern and alpha_pattern.</summary>
    /// <exception cref="ArgumentException">The expression is not valid.</exception>
    public static Regex Ending(string pattern) => Make($@"\A(?:.*\.)?(?:{pattern})\z");

    /// <summary>In linear time where the expression allows that (no look-around, no back-reference), else under a time limit.</summary>
    private static Regex Make(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, Limit);
        }
        catch (NotSupportedException)
        {
            return new Regex(pattern, RegexOptions.CultureInvariant, Limit);
        }
    }
}
