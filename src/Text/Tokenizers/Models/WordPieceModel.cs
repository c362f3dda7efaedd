using System.Text;

namespace Inference.Text.Tokenizers.Models;

/// <summary>
/// BERT's WordPiece: the longest token that begins the word, then the longest that continues it, and so on; a word that cannot be
/// covered is one unknown token. Devlin et al. 2019; Wu et al. 2016.
/// </summary>
internal sealed class WordPieceModel(TokenTable tokens, WordPieceOptions options) : ITokenModel
{
    private readonly byte[] _firstPrefix = Encoding.UTF8.GetBytes(options.FirstPrefix);
    private readonly byte[] _nextPrefix = Encoding.UTF8.GetBytes(options.NextPrefix);
    private readonly int _longest = Enumerable.Range(0, tokens.Size).Select(id => tokens.Spelling(id).Length).DefaultIfEmpty().Max();

    public void Encode(ReadOnlySpan<char> piece, List<int> output)
    {
        int first = output.Count;
        if (CodePoints(piece) > options.MaxCodePoints || !TryEncode(piece, output))
        {
            output.RemoveRange(first, output.Count - first);
            if (options.UnknownId >= 0) output.Add(options.UnknownId);
        }
    }

    private static int CodePoints(ReadOnlySpan<char> piece)
    {
        int count = 0;
        foreach (Rune _ in piece.EnumerateRunes()) count++;
        return count;
    }

    private bool TryEncode(ReadOnlySpan<char> piece, List<int> output)
    {
        // The word stands behind room for either prefix, which is written over what has been taken already.
        int room = Math.Max(_firstPrefix.Length, _nextPrefix.Length);
        Span<byte> bytes = new byte[room + Encoding.UTF8.GetByteCount(piece)];
        Encoding.UTF8.GetBytes(piece, bytes[room..]);
        for (int start = room; start < bytes.Length;)
        {
            byte[] prefix = start == room ? _firstPrefix : _nextPrefix;
            int from = start - prefix.Length;
            prefix.CopyTo(bytes[from..]);
            int end = Math.Min(bytes.Length, from + _longest);
            int id = -1;
            for (; end > start && id < 0; end--)
            {
                bool isWithinCharacter = end < bytes.Length && (bytes[end] & 0xC0) == 0x80;
                if (!isWithinCharacter) id = tokens.Find(bytes[from..end]);
            }

            if (id < 0) return false;
            output.Add(id);
            start = end + 1;
        }

        return true;
    }
}
