using Class = Inference.Text.Tokenizers.PreTokenizers.Scanners.CodePoint.Class;

namespace Inference.Text.Tokenizers.PreTokenizers.Scanners;

/// <summary>GPT-2's pattern (<see cref="Pattern"/>), written out: linear in the text, every code point is in some match.</summary>
internal sealed class Gpt2Scanner : Scanner
{
    public const string Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    protected override bool TryNext(ReadOnlySpan<char> text, int start, out int matchStart, out int matchLength)
    {
        matchStart = start;
        int end = Contraction(text[start..], ignoreCase: false) is int contraction and > 0 ? start + contraction : Word(text, start);
        matchLength = end - start;
        return matchLength > 0;
    }

    /// <summary>Length of 's, 't, 're, 've, 'm, 'll or 'd at the beginning of <paramref name="text"/>, else 0.</summary>
    public static int Contraction(ReadOnlySpan<char> text, bool ignoreCase)
    {
        if (text.Length < 2 || text[0] != '\'') return 0;
        char first = Fold(text[1], ignoreCase);
        if (first is 's' or 't' or 'm' or 'd') return 2;
        if (text.Length < 3) return 0;
        return (first, Fold(text[2], ignoreCase)) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    /// <summary>End of a run of white space, without its last character when a word follows that will take it.</summary>
    public static int Spaces(ReadOnlySpan<char> text, int start)
    {
        int end = CodePoint.SkipClass(text, start, Class.Space);
        return end < text.Length && end - start > 1 ? end - 1 : end;
    }

    private static int Word(ReadOnlySpan<char> text, int start)
    {
        int word = start < text.Length && text[start] == ' ' ? start + 1 : start;
        int codePoint = CodePoint.At(text, word, out _);
        return codePoint < 0 || CodePoint.ClassOf(codePoint) == Class.Space
            ? Spaces(text, start)
            : CodePoint.SkipClass(text, word, CodePoint.ClassOf(codePoint));
    }

    // U+017F, the long s, is the only other character that folds to one of these letters.
    private static char Fold(char c, bool ignoreCase) => ignoreCase ? (c == '\u017F' ? 's' : char.ToLowerInvariant(c)) : c;
}
