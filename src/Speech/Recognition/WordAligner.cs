using System.Text;
using Inference.Models.Architectures;
using Inference.Tensors;

namespace Inference.Speech.Recognition;

/// <summary>
/// When each word was spoken (OpenAI's timing.py): the cross-attention of chosen heads, normalised over the tokens, smoothed by
/// a median over time, averaged, and the path through it by dynamic time warping.
/// </summary>
internal sealed class WordAligner(WhisperVocabulary vocabulary, WhisperConfig config, IReadOnlyList<(int Layer, int Head)> heads)
{
    private const int MedianWidth = 7;
    private static readonly TimeSpan PositionLength = TimeSpan.FromMilliseconds(20);

    /// <summary>The words of a decoded window, with times since its first frame.</summary>
    public IReadOnlyList<RecognizedWord> Align(WhisperDecoder decoder, int slot, WindowDecoding decoding, int realFrames)
    {
        int[] text = decoding.TextTokens;
        int[] header = [.. decoding.Header], mark = vocabulary.NoTimestamps is int none ? [none] : [];
        int[] tokens = [.. header, .. mark, .. text, vocabulary.EndOfText];
        if (text.Length == 0 || tokens.Length > config.TextContext)
        {
            return [];
        }

        using Readback results = decoder.CreateLogits(tokens.Length);
        Tensor[] attention = decoder.CrossAttention(slot, tokens, heads, Math.Max(1, (realFrames + 1) / 2), results.Rows(tokens.Length));
        results.Begin();
        Tensor logits = results.End();
        try
        {
            // The row before a token is the one that predicted it.
            int first = header.Length + mark.Length - 1;
            float[][] costs = Costs(attention, first, text.Length + 1);
            (int Row, int Column)[] path = DynamicTimeWarping.Path(costs);
            double[] starts = new double[text.Length + 1];
            for (int i = path.Length - 1; i >= 0; i--)
            {
                starts[path[i].Row] = path[i].Column;
            }

            return Words(decoding.Language, text, [.. text.Select((id, i) => Probability(logits.Row(first + i), id))], starts);
        }
        finally
        {
            Array.ForEach(attention, a => a.Dispose());
        }
    }

    /// <summary>The words of tokens: a word begins with a space, or with each character in languages without spaces.</summary>
    internal static IReadOnlyList<(string Text, int First, int Count)> Split(WhisperVocabulary vocabulary, string language, IReadOnlyList<int> tokens)
    {
        List<(string Text, int First, int Count)> words = [];
        bool everyCharacter = WhisperLanguages.HasNoSpaces(language);
        List<byte> bytes = [];
        int start = 0;
        for (int i = 0; i < tokens.Count; i++)
        {
            bytes.AddRange(vocabulary.Tokenizer.TokenBytes(tokens[i]));
            string text = Encoding.UTF8.GetString([.. bytes]);
            if (text.EndsWith('�') && i + 1 < tokens.Count)
            {
                continue;
            }

            bool begins = words.Count == 0 || everyCharacter || text.StartsWith(' ');
            if (begins)
            {
                words.Add((text, start, i + 1 - start));
            }
            else
            {
                (string before, int first, int count) = words[^1];
                words[^1] = (before + text, first, count + i + 1 - start);
            }

            bytes.Clear();
            start = i + 1;
        }

        return words;
    }

    private List<RecognizedWord> Words(string language, int[] text, float[] probabilities, double[] starts)
    {
        List<RecognizedWord> words = [];
        foreach ((string word, int first, int count) in Split(vocabulary, language, text))
        {
            if (word.Trim().Length > 0)
            {
                words.Add(new RecognizedWord(
                    word.Trim(), PositionLength * starts[first], PositionLength * starts[first + count], probabilities.AsSpan(first, count).ToArray().Average()));
            }
        }

        return words;
    }

    private float Probability(ReadOnlySpan<float> logits, int id) =>
        MathF.Exp(logits[id] - DecodingRules.LogSumExp(logits[..Math.Min(vocabulary.EndOfText, logits.Length)]));

    private static float[][] Costs(Tensor[] attention, int firstRow, int rows)
    {
        int columns = attention[0].Columns;
        float[][] costs = [.. Enumerable.Range(0, rows).Select(_ => new float[columns])];
        float[] smoothed = new float[columns];
        foreach (Tensor head in attention)
        {
            Normalise(head);
            for (int r = 0; r < rows; r++)
            {
                Median(head.Row(firstRow + r), smoothed);
                for (int c = 0; c < columns; c++)
                {
                    costs[r][c] -= smoothed[c] / attention.Length;
                }
            }
        }

        return costs;
    }

    /// <summary>Each column by its mean and deviation over the tokens.</summary>
    private static void Normalise(Tensor head)
    {
        for (int c = 0; c < head.Columns; c++)
        {
            double sum = 0, squares = 0;
            for (int r = 0; r < head.Rows; r++)
            {
                sum += head.Row(r)[c];
            }

            double mean = sum / head.Rows;
            for (int r = 0; r < head.Rows; r++)
            {
                squares += Math.Pow(head.Row(r)[c] - mean, 2);
            }

            double deviation = Math.Max(Math.Sqrt(squares / head.Rows), 1e-12);
            for (int r = 0; r < head.Rows; r++)
            {
                head.Row(r)[c] = (float)((head.Row(r)[c] - mean) / deviation);
            }
        }
    }

    /// <summary>The median of seven around each place, the ends mirrored.</summary>
    private static void Median(ReadOnlySpan<float> row, Span<float> result)
    {
        Span<float> window = stackalloc float[MedianWidth];
        for (int c = 0; c < row.Length; c++)
        {
            for (int i = 0; i < MedianWidth; i++)
            {
                int at = Math.Abs(c + i - (MedianWidth / 2));
                at = at >= row.Length ? (2 * row.Length) - 2 - at : at;
                window[i] = row[Math.Clamp(at, 0, row.Length - 1)];
            }

            window.Sort();
            result[c] = window[MedianWidth / 2];
        }
    }
}
