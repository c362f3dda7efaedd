namespace Inference.Models.Weights;

/// <summary>The tokenizer in a GGUF file, as metadata for another file.</summary>
public static class GgufVocabulary
{
    private const string Prefix = "tokenizer.";
    private const string TokensKey = "tokenizer.ggml.tokens";
    private const string ScoresKey = "tokenizer.ggml.scores";
    private const string TypesKey = "tokenizer.ggml.token_type";
    private const int NormalToken = 1;
    private const float WorstScore = -1e9f;

    /// <summary>
    /// The keys `tokenizer.*` of a file, the vocabulary filled up to <paramref name="size"/> with tokens `[PADn]`. These are
    /// ordinary tokens, so that a server shows each that a model draws; no text is encoded into them.
    /// </summary>
    /// <param name="path">A GGUF file with a tokenizer; it needs no tensors.</param>
    /// <param name="size">Rows of the embedding table of the model that the metadata are for.</param>
    /// <exception cref="ModelFormatException">The file is broken, has no tokenizer, or has more than <paramref name="size"/> tokens.</exception>
    public static Dictionary<string, object> Read(string path, int size)
    {
        using GgufFile file = GgufFile.Open(path);
        string[] tokens = file.Metadata.Texts(TokensKey) ?? throw new ModelFormatException(path, $"the metadata value '{TokensKey}' is missing");
        if (tokens.Length > size)
        {
            throw new ModelFormatException(path, $"'{TokensKey}' has {tokens.Length} tokens, more than the model's vocabulary of {size}");
        }

        Dictionary<string, object> values = file.Metadata.Values
            .Where(pair => pair.Key.StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key, pair => pair.Value is GgufStrings strings ? strings.ToStrings() : pair.Value);
        values[TokensKey] = Filled(tokens, size, id => $"[PAD{id}]");
        if (file.Metadata.Floats(ScoresKey) is float[] scores)
        {
            values[ScoresKey] = Filled(scores, size, _ => WorstScore);
        }

        if (file.Metadata.Integers(TypesKey) is int[] types)
        {
            values[TypesKey] = Filled(types, size, _ => NormalToken);
        }

        return values;
    }

    private static T[] Filled<T>(T[] values, int size, Func<int, T> padding) =>
        [.. values, .. Enumerable.Range(values.Length, size - values.Length).Select(padding)];
}
