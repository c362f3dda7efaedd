using System.Buffers;
using System.Text;

namespace Inference.Text.Tokenizers.Models;

/// <summary>
/// The segmentation of highest probability: a token's score is its log probability, and what no token covers costs
/// <see cref="UnknownPenalty"/> below the least of them for each code point. Linear in the text for tokens of bounded length.
/// Kudo 2018, "Subword Regularization"; the scores and ties are those of SentencePiece.
/// </summary>
internal sealed class UnigramModel : ITokenModel
{
    /// <summary>SentencePiece's kUnkPenalty.</summary>
    public const double UnknownPenalty = 10;

    private readonly ByteTrie _trie;
    private readonly float[] _scores;
    private readonly double _unknownScore;
    private readonly int _unknownId;
    private readonly int[]? _byteIds;

    /// <param name="tokens">The vocabulary.</param>
    /// <param name="scores">By id; 0 for tokens that always win, as user-defined ones do.</param>
    /// <param name="isText">Whether a token may come of text; control and byte tokens may not.</param>
    /// <param name="unknownId">Stands for what no token covers, once for a run of it; -1 drops it.</param>
    /// <param name="byteFallback">Whether what no token covers becomes the tokens of its bytes instead, where all are there.</param>
    public UnigramModel(TokenTable tokens, float[] scores, Func<int, bool> isText, int unknownId, bool byteFallback)
    {
        (_scores, _unknownId) = (scores, unknownId);
        _trie = new ByteTrie(tokens.TotalBytes);
        double least = double.MaxValue;
        for (int id = 0; id < tokens.Size; id++)
        {
            if (!tokens.Contains(id) || !isText(id) || tokens.Spelling(id).IsEmpty) continue;
            _trie.Add(tokens.Spelling(id), id);
            least = Math.Min(least, scores[id]);
        }

        _unknownScore = (least == double.MaxValue ? 0 : least) - UnknownPenalty;
        if (!byteFallback) return;
        int[] byteIds = [.. Enumerable.Range(0, 256).Select(b => tokens.Find(ByteFallbackSpelling.Of((byte)b)))];
        if (!byteIds.Contains(-1)) _byteIds = byteIds;
    }

    public void Encode(ReadOnlySpan<char> piece, List<int> output)
    {
        int size = Encoding.UTF8.GetMaxByteCount(piece.Length);
        byte[] rented = ArrayPool<byte>.Shared.Rent(size);
        Step[] steps = ArrayPool<Step>.Shared.Rent(size + 1);
        ReadOnlySpan<byte> bytes = rented.AsSpan(0, Encoding.UTF8.GetBytes(piece, rented));
        FindBest(bytes, steps.AsSpan(0, bytes.Length + 1));
        Append(bytes, steps, output);
        ArrayPool<byte>.Shared.Return(rented);
        ArrayPool<Step>.Shared.Return(steps);
    }

    // steps[i]: the last token, and the score, of the best segmentation of the first i bytes.
    private void FindBest(ReadOnlySpan<byte> bytes, Span<Step> steps)
    {
        steps.Fill(new Step(double.NegativeInfinity, -1, 0));
        steps[0] = new Step(0, -1, 0);
        for (int start = 0, length; start < bytes.Length; start += length)
        {
            Rune.DecodeFromUtf8(bytes[start..], out _, out length);
            double before = steps[start].Score;
            bool isCovered = false;
            for (int end = start, node = ByteTrie.Root; end < bytes.Length && (node = _trie.Child(node, bytes[end])) >= 0;)
            {
                end++;
                int id = _trie.Value(node);
                if (id < 0) continue;
                isCovered |= end == start + length;
                double score = before + _scores[id];
                if (score > steps[end].Score) steps[end] = new Step(score, id, start);
            }

            if (!isCovered && before + _unknownScore > steps[start + length].Score)
                steps[start + length] = new Step(before + _unknownScore, -1, start);
        }
    }

    private void Append(ReadOnlySpan<byte> bytes, ReadOnlySpan<Step> steps, List<int> output)
    {
        int first = output.Count;
        bool isAfterUnknown = false;
        for (int end = bytes.Length; end > 0; end = steps[end].Start)
        {
            int id = steps[end].Id;
            if (id >= 0)
            {
                output.Add(id);
            }
            else if (_byteIds is not null)
            {
                for (int i = end - 1; i >= steps[end].Start; i--) output.Add(_byteIds[bytes[i]]);
            }
            else if (_unknownId >= 0 && !isAfterUnknown)
            {
                output.Add(_unknownId);
            }

            isAfterUnknown = id < 0;
        }

        output.Reverse(first, output.Count - first);
    }

    private readonly record struct Step(double Score, int Id, int Start);
}
