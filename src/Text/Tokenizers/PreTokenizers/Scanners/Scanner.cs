namespace Inference.Text.Tokenizers.PreTokenizers.Scanners;

/// <summary>Finds the matches of a pattern from left to right, by whole code points.</summary>
internal abstract class Scanner
{
    /// <summary>Appends every match in <paramref name="text"/>: in order, not overlapping, none empty.</summary>
    public virtual void FindAll(ReadOnlySpan<char> text, List<(int Start, int Length)> matches)
    {
        for (int end = 0; TryNext(text, end, out int start, out int length); end = start + length) matches.Add((start, length));
    }

    /// <summary>The first match at or after <paramref name="start"/>, never empty; false when there is none.</summary>
    protected abstract bool TryNext(ReadOnlySpan<char> text, int start, out int matchStart, out int matchLength);
}
