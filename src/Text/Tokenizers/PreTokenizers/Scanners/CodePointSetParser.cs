namespace Inference.Text.Tokenizers.PreTokenizers.Scanners;

/// <summary>Reads sets from a pattern: [a-z\p{N}\s], [^\r\n], \p{L}, \S. What it does not know, such as nested classes, it leaves.</summary>
internal sealed class CodePointSetParser(string pattern, int position)
{
    public int Position { get; private set; } = position;

    /// <summary>The set at <see cref="Position"/>, which moves past it; null when there is none that it knows.</summary>
    public CodePointSet? Parse()
    {
        if (Position >= pattern.Length) return null;
        if (pattern[Position] != '[')
        {
            return pattern[Position] == '\\' && TryItem(out int codePoint, out Func<int, bool>? property)
                ? new CodePointSet(property is null ? [(codePoint, codePoint)] : [], property is null ? [] : [property], false)
                : null;
        }

        Position++;
        bool isNegated = Skip('^');
        List<(int, int)> ranges = [];
        List<Func<int, bool>> properties = [];
        while (Position < pattern.Length && pattern[Position] != ']')
        {
            if (!TryItem(out int first, out Func<int, bool>? property)) return null;
            int last = first;
            if (property is not null)
            {
                properties.Add(property);
                continue;
            }

            if (Position + 1 < pattern.Length && pattern[Position] == '-' && pattern[Position + 1] != ']')
            {
                Position++;
                if (!TryItem(out last, out property) || property is not null || last < first) return null;
            }

            ranges.Add((first, last));
        }

        return Skip(']') && ranges.Count + properties.Count > 0 ? new CodePointSet(ranges, properties, isNegated) : null;
    }

    private bool TryItem(out int codePoint, out Func<int, bool>? property)
    {
        property = null;
        codePoint = CodePoint.At(pattern, Position, out int length);
        if (codePoint is < 0 or '[' || pattern.AsSpan(Position).StartsWith("&&")) return false;
        Position += length;
        return codePoint != '\\' || TryEscape(out codePoint, out property);
    }

    private bool TryEscape(out int codePoint, out Func<int, bool>? property)
    {
        codePoint = CodePoint.At(pattern, Position, out int length);
        Position += length;
        property = codePoint switch
        {
            's' => CodePoint.IsSpace,
            'S' => c => !CodePoint.IsSpace(c),
            'd' => CodePointSet.Category("Nd"),
            'w' => CodePoint.IsWord,
            'p' => Property(),
            _ => null,
        };
        if (property is not null) return true;
        codePoint = codePoint switch { 'r' => '\r', 'n' => '\n', 't' => '\t', 'f' => '\f', 'v' => '\v', _ => codePoint };
        return codePoint is >= 0 and < 128 && !char.IsAsciiLetterOrDigit((char)codePoint);
    }

    private Func<int, bool>? Property()
    {
        int end = pattern.IndexOf('}', Position);
        if (!Skip('{') || end < 0) return null;
        string name = pattern[Position..end];
        Position = end + 1;
        return name.Length is 1 or 2 ? CodePointSet.Category(name) : null;
    }

    private bool Skip(char c)
    {
        bool isThere = Position < pattern.Length && pattern[Position] == c;
        if (isThere) Position++;
        return isThere;
    }
}
