using System.Text;
using Inference.Text.Tokenizers.Models;

namespace Inference.Text.Tokenizers.Formats;

/// <summary>Fills a merge table from pairs of spellings; the first has the lowest rank.</summary>
internal sealed class MergeBuilder(TokenTable tokens, MergeTable merges, string field)
{
    private byte[] _joined = new byte[256];
    private int _lastId;

    /// <summary>How many were added.</summary>
    public int Count { get; private set; }

    /// <summary>Adds "a b".</summary>
    public void Add(ReadOnlySpan<byte> pair)
    {
        int space = pair.Length > 1 ? pair[1..].IndexOf((byte)' ') + 1 : 0;
        if (space == 0) throw new TokenizerFormatException($"{field}[{Count}] \"{Encoding.UTF8.GetString(pair)}\" must be two tokens with a space between");
        Add(pair[..space], pair[(space + 1)..]);
    }

    /// <summary>Adds the pair of <paramref name="left"/> and <paramref name="right"/>.</summary>
    /// <exception cref="TokenizerFormatException">A part is empty, or a part or the whole is not in the vocabulary.</exception>
    public void Add(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.IsEmpty || right.IsEmpty) throw new TokenizerFormatException($"{field}[{Count}] has an empty part");
        (int leftId, int rightId) = (Id(left), Id(right));

        // Most files list merges in the order of the tokens that they make: the next id is tried before the table.
        ReadOnlySpan<byte> next = tokens.Spelling(_lastId + 1);
        bool isNext = next.Length == left.Length + right.Length && next.StartsWith(left) && next[left.Length..].SequenceEqual(right);
        _lastId = isNext ? _lastId + 1 : Id(Join(left, right));
        merges.Add(leftId, rightId, Count, _lastId);
        Count++;
    }

    private ReadOnlySpan<byte> Join(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        int length = left.Length + right.Length;
        if (_joined.Length < length) _joined = new byte[length * 2];
        left.CopyTo(_joined);
        right.CopyTo(_joined.AsSpan(left.Length));
        return _joined.AsSpan(0, length);
    }

    private int Id(ReadOnlySpan<byte> spelling)
    {
        int id = tokens.Find(spelling);
        return id >= 0 ? id : throw new TokenizerFormatException($"{field}[{Count}] needs the token \"{Encoding.UTF8.GetString(spelling)}\", which is not in the vocabulary");
    }
}
