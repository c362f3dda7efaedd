namespace Inference.Generation.Speculation;

/// <summary>Finds the last tokens of a sequence earlier in it, and guesses that it goes on as it did there.</summary>
internal sealed class PromptLookup(int maxTokens) : IDraftSource
{
    private const int LongestMatch = 4;
    private const int ShortestMatch = 2;

    public void Propose(IReadOnlyList<Sequence> decoding)
    {
        foreach (Sequence sequence in decoding)
        {
            int most = Math.Min(maxTokens, sequence.MaxDraft);
            sequence.Draft = most <= 0 ? [] : Find(sequence.Tokens, most).ToArray();
        }
    }

    /// <summary>What followed the most recent earlier occurrence of the longest tail that has one; empty where none has.</summary>
    public static ReadOnlySpan<int> Find(ReadOnlySpan<int> tokens, int maxTokens)
    {
        for (int length = LongestMatch; length >= ShortestMatch; length--)
        {
            if (tokens.Length <= length)
                continue;
            int at = tokens[..^1].LastIndexOf(tokens[^length..]);
            if (at >= 0)
            {
                ReadOnlySpan<int> following = tokens[(at + length)..];
                return following[..Math.Min(maxTokens, following.Length)];
            }
        }

        return [];
    }

    public void Dispose()
    {
    }
}
