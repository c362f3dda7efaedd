using Class = Inference.Text.Tokenizers.PreTokenizers.Scanners.CodePoint.Class;

namespace Inference.Text.Tokenizers.PreTokenizers.Scanners;

/// <summary>
/// The pattern of Llama 3, Qwen2 and cl100k (<see cref="PatternFor"/>), written out: linear in the text, every code point
/// is in some match. They differ in how many digits stand together.
/// </summary>
internal sealed class Llama3Scanner(int maxDigits) : Scanner
{
    /// <summary>The pattern with a quantifier for digits: "{1,3}" (Llama 3), "" (Qwen2) or "+".</summary>
    public static string PatternFor(string digits) =>
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + digits + @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The same, as cl100k's later files and Bailing's write it.</summary>
    public static string PossessivePatternFor(string digits) =>
        @"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}" + digits + @"| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+";

    protected override bool TryNext(ReadOnlySpan<char> text, int start, out int matchStart, out int matchLength)
    {
        matchStart = start;
        matchLength = start < text.Length ? End(text, start) - start : 0;
        return matchLength > 0;
    }

    private int End(ReadOnlySpan<char> text, int start)
    {
        if (Gpt2Scanner.Contraction(text[start..], ignoreCase: true) is int contraction and > 0) return start + contraction;
        int first = CodePoint.At(text, start, out int length);
        Class kind = CodePoint.ClassOf(first);
        int second = CodePoint.At(text, start + length, out _);
        Class next = second < 0 ? Class.Space : CodePoint.ClassOf(second);
        if (kind == Class.Letter || (kind != Class.Number && next == Class.Letter && first is not ('\r' or '\n')))
            return CodePoint.SkipClass(text, start + length, Class.Letter);
        if (kind == Class.Number) return CodePoint.SkipClass(text, start, Class.Number, maxDigits);
        if (kind == Class.Other) return Marks(text, start);
        if (first == ' ' && next == Class.Other) return Marks(text, start + 1);

        int newline = text[start..CodePoint.SkipClass(text, start, Class.Space)].LastIndexOfAny('\r', '\n');
        return newline >= 0 ? start + newline + 1 : Gpt2Scanner.Spaces(text, start);
    }

    private static int Marks(ReadOnlySpan<char> text, int start)
    {
        int end = CodePoint.SkipClass(text, start, Class.Other);
        while (end < text.Length && text[end] is '\r' or '\n') end++;
        return end;
    }
}
