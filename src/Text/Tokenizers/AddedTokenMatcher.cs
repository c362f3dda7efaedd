using System.Buffers;
using Inference.Text.Tokenizers.PreTokenizers.Scanners;

namespace Inference.Text.Tokenizers;

/// <summary>Finds added tokens in text: the leftmost, of those the longest. A trie over UTF-16 units.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly Dictionary<(int Node, char Next), int> _edges = [];
    private readonly List<AddedToken?> _tokens = [null];
    private readonly SearchValues<char> _firstCharacters;

    public AddedTokenMatcher(IEnumerable<(string Pattern, AddedToken Token)> tokens)
    {
        HashSet<char> first = [];
        foreach ((string pattern, AddedToken token) in tokens)
        {
            if (pattern.Length == 0) continue;
            first.Add(pattern[0]);
            int node = 0;
            foreach (char c in pattern) node = Child(node, c);
            _tokens[node] ??= token;
        }

        _firstCharacters = SearchValues.Create([.. first]);
    }

    /// <summary>
    /// The next added token at or after <paramref name="from"/>, with the white space it takes in;
    /// special ones only with <paramref name="parseSpecial"/>.
    /// </summary>
    public bool TryNext(ReadOnlySpan<char> text, int from, bool parseSpecial, out int start, out int end, out int id)
    {
        for (int at = from; at < text.Length; at++)
        {
            int offset = text[at..].IndexOfAny(_firstCharacters);
            if (offset < 0) break;
            at += offset;
            if (Longest(text, at, parseSpecial, out int length) is not { } token) continue;
            if (token.IsSingleWord && (TouchesWord(text, at - 1) || TouchesWord(text, at + length))) continue;
            (start, end, id) = (at, at + length, token.Id);
            while (token.StripsLeft && start > from && char.IsWhiteSpace(text[start - 1])) start--;
            while (token.StripsRight && end < text.Length && char.IsWhiteSpace(text[end])) end++;
            return true;
        }

        (start, end, id) = (text.Length, text.Length, -1);
        return false;
    }

    private static bool TouchesWord(ReadOnlySpan<char> text, int index)
    {
        if ((uint)index >= (uint)text.Length) return false;
        if (char.IsLowSurrogate(text[index]) && index > 0) index--;
        return CodePoint.IsWord(CodePoint.At(text, index, out _));
    }

    private AddedToken? Longest(ReadOnlySpan<char> text, int at, bool parseSpecial, out int length)
    {
        AddedToken? longest = null;
        length = 0;
        int node = 0;
        for (int i = at; i < text.Length && _edges.TryGetValue((node, text[i]), out node); i++)
        {
            if (_tokens[node] is not { } token || (token.IsSpecial && !parseSpecial)) continue;
            (longest, length) = (token, i - at + 1);
        }

        return longest;
    }

    private int Child(int node, char next)
    {
        if (_edges.TryGetValue((node, next), out int child)) return child;
        child = _tokens.Count;
        _tokens.Add(null);
        _edges.Add((node, next), child);
        return child;
    }
}
