using System.Globalization;
using Class = Inference.Text.Tokenizers.PreTokenizers.Scanners.CodePoint.Class;

namespace Inference.Text.Tokenizers.PreTokenizers.Scanners;

/// <summary>
/// DeepSeek V3's and R1's third pattern (<see cref="Pattern"/>; digits and East Asian runs are cut out before it), written out:
/// linear in the text. What is neither letter, mark, punctuation, symbol nor white space, such as a control character, may stay between matches.
/// </summary>
internal sealed class DeepSeek3Scanner : Scanner
{
    public const string Pattern =
        @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private enum Kind
    {
        None,
        Word,
        Sign,
        Space,
    }

    protected override bool TryNext(ReadOnlySpan<char> text, int start, out int matchStart, out int matchLength)
    {
        for (matchStart = start; matchStart < text.Length;)
        {
            int end = End(text, matchStart);
            matchLength = end - matchStart;
            if (matchLength > 0) return true;
            CodePoint.At(text, matchStart, out int length);
            matchStart += length;
        }

        matchLength = 0;
        return false;
    }

    // The end of the match at start; start where there is none.
    private static int End(ReadOnlySpan<char> text, int start)
    {
        Kind kind = KindAt(text, start, out int length);
        int next = start + length;
        if (kind == Kind.Sign)
        {
            if (text[start] < 128 && next < text.Length && char.IsAsciiLetter(text[next]))
            {
                while (next < text.Length && char.IsAsciiLetter(text[next])) next++;
                return next;
            }

            return Signs(text, start);
        }

        if (kind == Kind.Word) return Skip(text, start, Kind.Word);
        bool isNewline = text[start] is '\r' or '\n';
        Kind following = KindAt(text, next, out _);
        if (!isNewline && following == Kind.Word) return Skip(text, next, Kind.Word);
        if (kind == Kind.None) return start;
        if (text[start] == ' ' && following == Kind.Sign) return Signs(text, next);
        int newline = text[start..CodePoint.SkipClass(text, start, Class.Space)].LastIndexOfAny('\r', '\n');
        return newline >= 0 ? start + newline + 1 : Gpt2Scanner.Spaces(text, start);
    }

    private static int Signs(ReadOnlySpan<char> text, int start)
    {
        int end = Skip(text, start, Kind.Sign);
        while (end < text.Length && text[end] is '\r' or '\n') end++;
        return end;
    }

    private static int Skip(ReadOnlySpan<char> text, int start, Kind wanted)
    {
        while (KindAt(text, start, out int length) == wanted) start += length;
        return start;
    }

    private static Kind KindAt(ReadOnlySpan<char> text, int index, out int length)
    {
        int c = CodePoint.At(text, index, out length);
        if (c < 0) return Kind.None;
        if (CodePoint.IsSpace(c)) return Kind.Space;
        return CharUnicodeInfo.GetUnicodeCategory(c) switch
        {
            <= UnicodeCategory.EnclosingMark => Kind.Word,
            >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherSymbol => Kind.Sign,
            _ => Kind.None,
        };
    }
}
