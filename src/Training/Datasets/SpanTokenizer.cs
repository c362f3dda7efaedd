using System.Text;
using Inference.Text.Tokenizers;
using Inference.Training.Data;

namespace Inference.Training.Datasets;

/// <summary>
/// Tokens of a text, each with the weight of the span that it is in. Where a token would reach over a span's edge, the text is cut
/// there and its pieces are tokenised one by one: as in generation, where the prompt ends before the answer is begun.
/// </summary>
internal sealed class SpanTokenizer(Tokenizer tokenizer)
{
    /// <summary>The tokens; nothing is put before or after them.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="spans">In order, apart from each other.</param>
    /// <param name="parseSpecial">Whether special tokens that are written in the text count as such.</param>
    public TrainingExample Encode(string text, IReadOnlyList<WeightedSpan> spans, bool parseSpecial)
    {
        int[] whole = tokenizer.Encode(text, addSpecialTokens: false, parseSpecial);
        Edge[] edges = Edges(text, spans);
        long[]? ends = Align(whole, text);
        if (ends is not null && edges.All(e => e.Byte == 0 || Array.BinarySearch(ends, e.Byte) >= 0))
        {
            return Weigh(whole, ends, edges);
        }

        (int[] pieces, float[] weights) = EncodePieces(text, edges, parseSpecial);
        if (ends is null || Align(pieces, text) is not null)
        {
            return new TrainingExample(pieces, IgnoreSpaceAfterStop(pieces, weights));
        }

        // Pieces of some vocabularies begin with a space that is not in the text; then the token over the edge belongs to its end.
        return Weigh(whole, ends, edges);
    }

    /// <summary>Where each weight begins, and the end of the text.</summary>
    private static Edge[] Edges(string text, IReadOnlyList<WeightedSpan> spans)
    {
        List<Edge> edges = [];
        (int at, long bytes) = (0, 0);
        foreach (WeightedSpan span in spans)
        {
            Add(span.Start, span.Weight);
            Add(span.End, 0);
        }

        Add(text.Length, 0);
        return [.. edges];

        void Add(int character, float weight)
        {
            bytes += Encoding.UTF8.GetByteCount(text.AsSpan(at, character - at));
            at = character;
            edges.Add(new Edge(character, bytes, weight));
        }
    }

    /// <summary>The byte after each token, or null where the tokens are not the text's bytes one after the other.</summary>
    private long[]? Align(int[] ids, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        long[] ends = new long[ids.Length];
        int at = 0;
        for (int i = 0; i < ids.Length; i++)
        {
            ReadOnlySpan<byte> token = tokenizer.TokenBytes(ids[i]);
            if (i == 0 && token is [(byte)' ', ..] && bytes is not [(byte)' ', ..])
            {
                token = token[1..];
            }

            if (!bytes.AsSpan(at).StartsWith(token))
            {
                return null;
            }

            ends[i] = at += token.Length;
        }

        return at == bytes.Length ? ends : null;
    }

    private TrainingExample Weigh(int[] ids, long[] ends, Edge[] edges)
    {
        float[] weights = new float[ids.Length];
        (int edge, float weight) = (0, 0);
        for (int i = 0; i < ids.Length; i++)
        {
            while (edge < edges.Length - 1 && edges[edge].Byte < ends[i])
            {
                weight = edges[edge++].Weight;
            }

            weights[i] = weight;
        }

        return new TrainingExample(ids, IgnoreSpaceAfterStop(ids, weights));
    }

    private (int[] Ids, float[] Weights) EncodePieces(string text, Edge[] edges, bool parseSpecial)
    {
        List<int> ids = [];
        List<float> weights = [];
        (int start, float weight) = (0, 0);
        foreach (Edge edge in edges)
        {
            ids.AddRange(tokenizer.Encode(text.AsSpan(start, edge.Character - start), addSpecialTokens: false, parseSpecial));
            weights.AddRange(Enumerable.Repeat(weight, ids.Count - weights.Count));
            (start, weight) = (edge.Character, edge.Weight);
        }

        return ([.. ids], [.. weights]);
    }

    /// <summary>The line feed that templates write after the end of a turn is never generated.</summary>
    private float[] IgnoreSpaceAfterStop(int[] ids, float[] weights)
    {
        for (int i = 1; i < ids.Length; i++)
        {
            bool isSpace = tokenizer.TokenBytes(ids[i]).IndexOfAnyExcept(" \t\r\n"u8) < 0;
            int next = i + 1;
            if (isSpace && weights[i] > 0 && tokenizer.IsSpecial(ids[i - 1]) && weights[i - 1] > 0 && (next == ids.Length || weights[next] == 0))
            {
                weights[i] = 0;
            }
        }

        return weights;
    }

    /// <summary>From here on another weight holds.</summary>
    private readonly record struct Edge(int Character, long Byte, float Weight);
}
