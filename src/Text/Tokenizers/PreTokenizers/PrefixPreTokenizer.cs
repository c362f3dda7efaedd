using System.Text;

namespace Inference.Text.Tokenizers.PreTokenizers;

/// <summary>
/// Puts a prefix before each piece that does not begin with it, after replacing spaces where <paramref name="space"/> says so:
/// ByteLevel's add_prefix_space (prefix " ") and Metaspace (space and prefix U+2581).
/// </summary>
internal sealed class PrefixPreTokenizer(char prefix, PrefixScheme scheme, char space = ' ') : IPreTokenizer
{
    public void Apply(ref PreTokenizedText text)
    {
        StringBuilder rewritten = new(text.Text.Length + text.Pieces.Count);
        List<(int, int)> pieces = new(text.Pieces.Count);
        for (int i = 0; i < text.Pieces.Count; i++)
        {
            (int start, int length) = text.Pieces[i];
            ReadOnlySpan<char> piece = text.Text.Slice(start, length);
            if (piece.IsEmpty) continue;
            bool wanted = scheme == PrefixScheme.Always || (scheme == PrefixScheme.First && text.AtStart && i == 0);
            int from = rewritten.Length;
            if (wanted && piece[0] != prefix && !(piece[0] == ' ' && space == prefix)) rewritten.Append(prefix);
            rewritten.Append(piece);
            pieces.Add((from, rewritten.Length - from));
        }

        if (space != ' ') rewritten.Replace(' ', space);
        text.Text = rewritten.ToString();
        text.Pieces = pieces;
    }
}
