using System.Text;

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
        IReadOnlyList<string> spellings = metadata.Texts(Prefix + "tokens");
        TokenTable tokens = ReadTokens(spellings);
        GgufTokenType[] types = ReadTypes(metadata, spellings.Count);
        int? Special(string name) => metadata.Id($"{Prefix}{name}_token_id", tokens.Size);
        GgufModel model = GgufModel.Read(metadata, tokens, types, Special("unknown"));
        int? bos = Special("bos") ?? Special("cls");
        int? eos = Special("eos") ?? Special("seperator");
        int? unknown = Special("unknown");
        int? pad = Special("padding");
        string? Spelling(int? id) => id is { } known ? spellings[known] : null;
        string? template = metadata.TextOrNull("tokenizer.chat_template");
        return new TokenizerDefinition
        {
            Tokens = tokens,
            Model = model.Model,
            Normalizer = model.Normalizer,
            PreTokenizer = model.PreTokenizer,
            Decoding = model.Decoding,
            AddedTokens = [.. types.Index().Where(t => t.Item != GgufTokenType.Normal).Select(t => Added(t.Index, spellings[t.Index], t.Item)).OfType<AddedToken>()],
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

    private static TokenTable ReadTokens(IReadOnlyList<string> spellings)
    {
        if (spellings.Count == 0) throw new TokenizerFormatException($"{Prefix}tokens is empty");
        TokenTable tokens = new(spellings.Count);
        for (int id = 0; id < spellings.Count; id++)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(spellings[id]);
            if (bytes.Length > MaxTokenBytes)
                throw new TokenizerFormatException($"{Prefix}tokens[{id}] has {bytes.Length} bytes, the limit is {MaxTokenBytes}");
            tokens.Add(id, bytes, Prefix + "tokens");
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

    private static AddedToken? Added(int id, string content, GgufTokenType type) => type switch
    {
        GgufTokenType.Control or GgufTokenType.Unknown => new AddedToken(id, content, IsSpecial: true),
        GgufTokenType.UserDefined => new AddedToken(id, content),
        _ => null,
    };

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
