namespace Inference.Text.Tokenizers.PreTokenizers.Scanners;

/// <summary>\s+$ where no line ends within the text: the white space at its end.</summary>
internal sealed class TrailingSpaceScanner : Scanner
{
    public const string Pattern = @"\s+$";

    protected override bool TryNext(ReadOnlySpan<char> text, int start, out int matchStart, out int matchLength)
    {
        matchStart = Math.Max(start, text.TrimEnd().Length);
        matchLength = text.Length - matchStart;
        return matchLength > 0;
    }
}
