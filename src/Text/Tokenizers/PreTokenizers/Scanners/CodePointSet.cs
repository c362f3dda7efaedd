using System.Globalization;

namespace Inference.Text.Tokenizers.PreTokenizers.Scanners;

/// <summary>Code points by ranges and by properties. Unlike a class of .NET's Regex it holds supplementary code points.</summary>
internal sealed class CodePointSet
{
    private readonly (int First, int Last)[] _ranges;
    private readonly Func<int, bool>[] _properties;
    private readonly bool _isNegated;
    private readonly bool[] _ascii;

    public CodePointSet(IEnumerable<(int First, int Last)> ranges, IEnumerable<Func<int, bool>> properties, bool isNegated)
    {
        (_ranges, _properties, _isNegated) = (Merge(ranges), [.. properties], isNegated);
        _ascii = [.. Enumerable.Range(0, 128).Select(Compute)];
    }

    public bool Contains(int codePoint) => (uint)codePoint < 128 ? _ascii[codePoint] : codePoint >= 0 && Compute(codePoint);

    /// <summary>The general categories that begin with <paramref name="name"/> (L, Lu, N, ...); null when none does.</summary>
    public static Func<int, bool>? Category(string name)
    {
        string[] names = ["Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co",
            "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn"]; // in the order of UnicodeCategory
        uint categories = 0;
        for (int i = 0; i < names.Length; i++)
        {
            if (names[i].StartsWith(name, StringComparison.Ordinal)) categories |= 1u << i;
        }

        return categories == 0 ? null : c => (categories >> (int)CharUnicodeInfo.GetUnicodeCategory(c) & 1) != 0;
    }

    private static (int First, int Last)[] Merge(IEnumerable<(int First, int Last)> ranges)
    {
        List<(int First, int Last)> merged = [];
        foreach ((int first, int last) in ranges.Order())
        {
            if (merged.Count > 0 && first <= merged[^1].Last) merged[^1] = (merged[^1].First, Math.Max(last, merged[^1].Last));
            else merged.Add((first, last));
        }

        return [.. merged];
    }

    private bool Compute(int codePoint) => (InRanges(codePoint) || Array.Exists(_properties, p => p(codePoint))) != _isNegated;

    private bool InRanges(int codePoint)
    {
        (int low, int high) = (0, _ranges.Length - 1);
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (codePoint < _ranges[middle].First) high = middle - 1;
            else if (codePoint > _ranges[middle].Last) low = middle + 1;
            else return true;
        }

        return false;
    }
}
