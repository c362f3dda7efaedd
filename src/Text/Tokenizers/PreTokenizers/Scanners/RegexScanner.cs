using System.Text.RegularExpressions;

namespace Inference.Text.Tokenizers.PreTokenizers.Scanners;

/// <summary>
/// A pattern that has no scanner of its own, run by .NET's Regex. Supplementary code points are first replaced by characters
/// of the Basic Multilingual Plane of the same category (<see cref="PlaneFolding"/>), since \p{..} sees UTF-16 units only.
/// </summary>
internal sealed class RegexScanner(Regex regex) : Scanner
{
    public override void FindAll(ReadOnlySpan<char> text, List<(int Start, int Length)> matches)
    {
        if (text.IndexOfAnyInRange('\uD800', '\uDBFF') < 0)
        {
            base.FindAll(text, matches);
            return;
        }

        (char[] folded, int[] offsets) = PlaneFolding.Fold(text);
        List<(int Start, int Length)> found = [];
        base.FindAll(folded, found);
        foreach ((int start, int length) in found) matches.Add((offsets[start], offsets[start + length] - offsets[start]));
    }

    protected override bool TryNext(ReadOnlySpan<char> text, int start, out int matchStart, out int matchLength)
    {
        (matchStart, matchLength) = (0, 0);
        while (start <= text.Length)
        {
            Regex.ValueMatchEnumerator matches = regex.EnumerateMatches(text, start);
            if (!matches.MoveNext()) return false;
            (matchStart, matchLength) = (matches.Current.Index, matches.Current.Length);
            if (matchLength > 0) return true;
            start = matchStart + 1;
        }

        return false;
    }
}
