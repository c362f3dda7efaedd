using System.Text;
using System.Text.RegularExpressions;
using Inference.Text.Tokenizers;

namespace Inference.Training.Tokenizers;

/// <summary>
/// Trains byte-level BPE (Sennrich et al., 2016; GPT-2's alphabet). The most frequent pair is merged first; of equals, the one of
/// the lowest ids, so the same texts give the same vocabulary. Pieces are split by <see cref="Pattern"/>, each digit by itself.
/// </summary>
public static partial class ByteLevelBpeTrainer
{
    /// <summary>Qwen2's pre-tokenizer.</summary>
    public const string Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Trains a vocabulary of at most <paramref name="size"/> ids, special tokens included; pairs seen once are not merged.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size has no room for the bytes and the special tokens.</exception>
    public static BpeVocabulary Train(IEnumerable<string> texts, int size, IReadOnlyList<string> specialTokens)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 256 + specialTokens.Count);
        BpePairCounts pairs = new(CountPieces(texts));
        List<string> tokens = [.. Enumerable.Range(0, 256).Select(b => ByteLevelAlphabet.CharacterOf((byte)b).ToString())];
        List<(string, string)> merges = [];
        while (tokens.Count + specialTokens.Count < size && pairs.TakeMostFrequent() is { } pair)
        {
            merges.Add((tokens[pair.Left], tokens[pair.Right]));
            pairs.Merge(pair, tokens.Count);
            tokens.Add(tokens[pair.Left] + tokens[pair.Right]);
        }

        return new BpeVocabulary(tokens, merges, specialTokens);
    }

    private static IEnumerable<(int[] Symbols, long Count)> CountPieces(IEnumerable<string> texts)
    {
        Dictionary<string, long> counts = new(StringComparer.Ordinal);
        foreach (string text in texts)
        {
            foreach (ValueMatch match in Splitter().EnumerateMatches(text))
            {
                string piece = text.Substring(match.Index, match.Length);
                counts[piece] = counts.GetValueOrDefault(piece) + 1;
            }
        }

        return counts
            .OrderBy(p => p.Key, StringComparer.Ordinal)
            .Select(p => (Array.ConvertAll(Encoding.UTF8.GetBytes(p.Key), b => (int)b), p.Value));
    }

    [GeneratedRegex(Pattern, RegexOptions.CultureInvariant)]
    private static partial Regex Splitter();
}
