using Inference.Text.Tokenizers.Models;

namespace Inference.Text.Tokenizers.Formats;

/// <summary>
/// The merges that a vocabulary with scores implies: two tokens whose texts together are a token merge into it, the highest score
/// first (SentencePiece's BPE; Kudo and Richardson 2018).
/// </summary>
internal static class ScoredMerges
{
    /// <param name="tokens">The vocabulary.</param>
    /// <param name="scores">By id.</param>
    /// <param name="isText">Whether the token is text; control and byte tokens neither merge nor come of merging.</param>
    public static MergeTable Build(TokenTable tokens, IReadOnlyList<float> scores, Func<int, bool> isText)
    {
        int[] ranks = Ranks(scores);
        MergeTable merges = new(tokens.Size * 2);
        for (int id = 0; id < tokens.Size; id++)
        {
            ReadOnlySpan<byte> whole = tokens.Spelling(id);
            if (!isText(id) || tokens.Find(whole) != id) continue;
            for (int cut = 1; cut < whole.Length; cut++)
            {
                bool isWithinCharacter = (whole[cut] & 0xC0) == 0x80;
                if (isWithinCharacter) continue;
                int left = tokens.Find(whole[..cut]);
                if (left < 0 || !isText(left)) continue;
                int right = tokens.Find(whole[cut..]);
                if (right >= 0 && isText(right)) merges.Add(left, right, ranks[id], id);
            }
        }

        return merges;
    }

    // Equal scores have equal ranks, so that the leftmost of them merges first.
    private static int[] Ranks(IReadOnlyList<float> scores)
    {
        float[] distinct = [.. scores.Distinct().OrderDescending()];
        Dictionary<float, int> rankOf = distinct.Index().ToDictionary(s => s.Item, s => s.Index);
        return [.. scores.Select(s => rankOf[s])];
    }
}
