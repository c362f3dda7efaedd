
namespace Inference.Text.Tokenizers.Formats;

/// <summary>Reads the tokenizer in GGUF metadata (ggml-org/ggml, docs/gguf.md).</summary>
internal static class GgufTokenizer
{
    /// <summary>Longest token, in UTF-8 bytes.</summary>
    public const int MaxTokenBytes = 4096;

    private const string Prefix = "tokenizer.ggml.";

    // Files that do not name the token that ends an answer have one of these.
    private static readonly string[] EndsOfTurn = ["<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<|eot|>"];

    /// <exception cref="TokenizerFormatException">The message names the key.</exception>
    public static TokenizerDefinition Read(IReadOnlyDictionary<string, object> values)
    {
        GgufMetadata metadata = new(values);
        TokenTable tokens = ReadTokens(metadata.Texts(Prefix + "tokens"));
        GgufTokenType[] types = ReadTypes(metadata, tokens.Size);
        int? Special(string name) => metadata.Id($"{Prefix}{name}_token_id", tokens.Size);
        GgufModel model = GgufModel.Read(metadata, tokens, types, Special("unknown"));
        int? bos = Special("bos") ?? Special("cls");
        int? eos = Special("eos") ?? Special("seperator");
        int? unknown = Special("unknown");
        int? pad = Special("padding");
        string? Spelling(int? id) => id is { } known ? tokens.Text(known) : null;
        string? template = metadata.TextOrNull("tokenizer.chat_template");
        return new TokenizerDefinition
        {
            Tokens = tokens,
            Model = model.Model,
            Normalizer = model.Normalizer,
            PreTokenizer = model.PreTokenizer,
            Decoding = model.Decoding,
            AddedTokens = ReadAdded(tokens, types),
            BosTokenId = bos,
            EosTokenId = eos,
            EndOfTurnTokenId = Special("eot") ?? FindEndOfTurn(tokens, types),
            PadTokenId = pad,
            UnknownTokenId = unknown,
            Prefix = (metadata.Flag(Prefix + "add_bos_token") ?? model.AddsBos) && bos is { } first ? [first] : [],
            Suffix = (metadata.Flag(Prefix + "add_eos_token") ?? model.AddsEos) && eos is { } last ? [last] : [],
            Config = new TokenizerConfig
            {
                BosToken = Spelling(bos),
                EosToken = Spelling(eos),
                PadToken = Spelling(pad),
                UnknownToken = Spelling(unknown),
                ChatTemplate = template,
                ChatTemplates = template is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["default"] = template },
            },
        };
    }

    private static TokenTable ReadTokens(IReadOnlyList<ReadOnlyMemory<byte>> spellings)
    {
        int count = spellings.Count;
        if (count == 0) throw new TokenizerFormatException($"{Prefix}tokens is empty");
        TokenTable tokens = new(count, count * 8);
        for (int id = 0; id < count; id++)
        {
            ReadOnlySpan<byte> spelling = spellings[id].Span;
            if (spelling.Length > MaxTokenBytes)
                throw new TokenizerFormatException($"{Prefix}tokens[{id}] has {spelling.Length} bytes, the limit is {MaxTokenBytes}");
            tokens.Add(id, spelling, Prefix + "tokens");
        }

        return tokens;
    }

    private static GgufTokenType[] ReadTypes(GgufMetadata metadata, int count)
    {
        if (metadata.Ints(Prefix + "token_type", count) is not { } numbers) return [.. Enumerable.Repeat(GgufTokenType.Normal, count)];
        GgufTokenType[] types = new GgufTokenType[count];
        for (int i = 0; i < count; i++)
        {
            types[i] = numbers[i] is >= (int)GgufTokenType.Normal and <= (int)GgufTokenType.Byte
                ? (GgufTokenType)numbers[i]
                : throw new TokenizerFormatException($"{Prefix}token_type[{i}] is {numbers[i]}, which is not within 1..6");
        }

        return types;
    }

    private static List<AddedToken> ReadAdded(TokenTable tokens, GgufTokenType[] types)
    {
        List<AddedToken> added = [];
        for (int id = 0; id < types.Length; id++)
        {
            if (types[id] is GgufTokenType.Control or GgufTokenType.Unknown or GgufTokenType.UserDefined)
                added.Add(new AddedToken(id, tokens.Text(id), IsSpecial: types[id] != GgufTokenType.UserDefined));
        }

        return added;
    }

    private static int? FindEndOfTurn(TokenTable tokens, GgufTokenType[] types)
    {
        foreach (string name in EndsOfTurn)
        {
            int id = tokens.Find(name);
            if (id >= 0 && types[id] is GgufTokenType.Control or GgufTokenType.UserDefined) return id;
        }

        return null;
    }
}
