namespace Inference.Text.Tokenizers.PreTokenizers.Scanners;

/// <summary>Finds single code points of a class.</summary>
internal sealed class ClassScanner(Func<int, bool> isMember) : Scanner
{
    protected override bool TryNext(ReadOnlySpan<char> text, int start, out int matchStart, out int matchLength)
    {
        for (matchStart = start; CodePoint.At(text, matchStart, out matchLength) is var c and >= 0; matchStart += matchLength)
        {
            if (isMember(c)) return true;
        }

        return false;
    }
}
