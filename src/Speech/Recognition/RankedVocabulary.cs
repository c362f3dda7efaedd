using System.Globalization;
using System.Text;
using Inference.Text.Tokenizers;

namespace Inference.Speech.Recognition;

/// <summary>
/// The tokenizer of a file of whisper.cpp, which has the bytes of the text tokens in the order of their ranks and nothing else:
/// merges follow from the ranks, special tokens from the size of the model's vocabulary.
/// </summary>
internal static class RankedVocabulary
{
    private const int EnglishSize = 51_864, Languages = 99, Timestamps = 1501, OtherSpecials = 8;
    private const int NormalToken = 1, ControlToken = 3;

    /// <summary>Text tokens, then end, start, languages, tasks and so on, then timestamps.</summary>
    public static Tokenizer ToTokenizer(IReadOnlyList<byte[]> ranked, int vocabularySize)
    {
        bool isEnglish = vocabularySize <= EnglishSize;
        int languages = isEnglish ? Languages : Math.Clamp(vocabularySize - ranked.Count - Timestamps - OtherSpecials, 1, WhisperLanguages.Codes.Count);
        string[] specials =
        [
            "<|endoftext|>", "<|startoftranscript|>", .. WhisperLanguages.Codes.Take(languages).Select(code => $"<|{code}|>"), "<|translate|>",
            "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>",
            .. Enumerable.Range(0, Timestamps).Select(i => string.Create(CultureInfo.InvariantCulture, $"<|{i * 0.02:f2}|>")),
        ];

        ranked = WithSingleBytes(ranked);

        // A file may hold the first of the special tokens' names behind the text tokens.
        IEnumerable<byte[]> text = ranked.TakeWhile(t => !t.AsSpan().SequenceEqual("<|endoftext|>"u8));
        string[] tokens = [.. text.Select(Spelling)];
        return Tokenizer.FromGguf(new Dictionary<string, object>
        {
            ["tokenizer.ggml.model"] = "gpt2",
            ["tokenizer.ggml.pre"] = "gpt-2",
            ["tokenizer.ggml.tokens"] = (string[])[.. tokens, .. specials],
            ["tokenizer.ggml.token_type"] = (int[])[.. tokens.Select(_ => NormalToken), .. specials.Select(_ => ControlToken)],
            ["tokenizer.ggml.merges"] = Merges(ranked, tokens.Length),
        });
    }

    /// <summary>
    /// The first 256 tokens are the bytes, printable ones first. Published files have the replacement character in place of those
    /// above 127, which are no text alone.
    /// </summary>
    private static IReadOnlyList<byte[]> WithSingleBytes(IReadOnlyList<byte[]> ranked)
    {
        static bool IsPrintable(int b) => b is (>= 33 and <= 126) or (>= 161 and <= 172) or (>= 174 and <= 255);
        byte[] order = [.. Enumerable.Range(0, 256).OrderBy(b => !IsPrintable(b)).ThenBy(b => b).Select(b => (byte)b)];
        bool isKnownOrder = ranked.Count >= 256 && Enumerable.Range(0, 256).All(i => order[i] > 127 || (ranked[i].Length == 1 && ranked[i][0] == order[i]));
        return isKnownOrder ? [.. order.Select(b => new[] { b }), .. ranked.Skip(256)] : ranked;
    }

    private static string Spelling(byte[] bytes)
    {
        StringBuilder text = new();
        foreach (byte b in bytes)
        {
            text.Append(ByteLevelAlphabet.CharacterOf(b));
        }

        return text.ToString();
    }

    /// <summary>
    /// The merge that makes a token joins the two parts that merging by lower ranks leaves of it. Tokens of incomplete characters,
    /// of which published files have lost the bytes, have no merge.
    /// </summary>
    private static string[] Merges(IReadOnlyList<byte[]> ranked, int count)
    {
        Dictionary<string, int> ranks = [];
        string[] spellings = [.. ranked.Take(count).Select(Spelling)];
        for (int i = 0; i < count; i++)
        {
            ranks.TryAdd(spellings[i], i);
        }

        List<string> merges = [];
        for (int i = 0; i < count; i++)
        {
            if (spellings[i].Length > 1 && Parts(spellings[i], i, ranks) is [string left, string right]
                && ranks.ContainsKey(left) && ranks.ContainsKey(right))
            {
                merges.Add($"{left} {right}");
            }
        }

        return [.. merges];
    }

    private static List<string> Parts(string token, int rank, Dictionary<string, int> ranks)
    {
        List<string> parts = [.. token.Select(c => c.ToString())];
        while (parts.Count > 2)
        {
            int best = -1, bestRank = rank;
            for (int i = 0; i + 1 < parts.Count; i++)
            {
                if (ranks.TryGetValue(parts[i] + parts[i + 1], out int candidate) && candidate < bestRank)
                {
                    (best, bestRank) = (i, candidate);
                }
            }

            if (best < 0)
            {
                break;
            }

            parts[best] += parts[best + 1];
            parts.RemoveAt(best + 1);
        }

        return parts;
    }
}
