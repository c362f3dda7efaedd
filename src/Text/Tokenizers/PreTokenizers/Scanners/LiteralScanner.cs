namespace Inference.Text.Tokenizers.PreTokenizers.Scanners;

/// <summary>Finds one literal string.</summary>
internal sealed class LiteralScanner(string literal) : Scanner
{
    protected override bool TryNext(ReadOnlySpan<char> text, int start, out int matchStart, out int matchLength)
    {
        matchLength = literal.Length;
        matchStart = start <= text.Length ? text[start..].IndexOf(literal) : -1;
        if (matchStart < 0) return false;
        matchStart += start;
        return true;
    }
}
