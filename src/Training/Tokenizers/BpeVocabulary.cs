namespace Inference.Training.Tokenizers;

/// <summary>A trained byte-level BPE vocabulary. Ids: the 256 bytes, then a token a merge, then the special tokens.</summary>
/// <param name="Tokens">Tokens by id, in the byte-level alphabet, without the special ones.</param>
/// <param name="Merges">Pairs in the order of their ranks.</param>
/// <param name="SpecialTokens">Special tokens; the first has id Tokens.Count.</param>
public sealed record BpeVocabulary(
    IReadOnlyList<string> Tokens, IReadOnlyList<(string Left, string Right)> Merges, IReadOnlyList<string> SpecialTokens)
{
    /// <summary>Number of ids.</summary>
    public int Size => Tokens.Count + SpecialTokens.Count;

    /// <summary>Id of a special token.</summary>
    /// <exception cref="ArgumentException">There is no such special token.</exception>
    public int SpecialId(string token)
    {
        for (int i = 0; i < SpecialTokens.Count; i++)
        {
            if (SpecialTokens[i] == token)
            {
                return Tokens.Count + i;
            }
        }

        throw new ArgumentException($"{token} is not a special token of this vocabulary", nameof(token));
    }
}
