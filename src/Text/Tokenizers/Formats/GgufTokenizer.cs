using System.Text;
using Inference.Text.Tokenizers.Normalizers;

namespace Inference.Text.Tokenizers.Formats;

/// <summary>
/// Reads the tokenizer in GGUF metadata (ggml-org/ggml, docs/gguf.md): the models "gpt2" (byte-level BPE) and
/// "llama" (SentencePiece BPE, whose scores give the order of merges).
/// </summary>
internal static class GgufTokenizer
{
    /// <summary>Longest token, in UTF-8 bytes.</summary>
    public const int MaxTokenBytes = 4096;

    private const string Prefix = "tokenizer.ggml.";

    /// <exception cref="TokenizerFormatException">The message names the key.</exception>
    public static TokenizerDefinition Read(IReadOnlyDictionary<string, object> values)
    {
        GgufMetadata metadata = new(values);
        string model = metadata.Text(Prefix + "model");
        if (model is not ("gpt2" or "llama"))
            throw new TokenizerFormatException($"{Prefix}model \"{model}\" is not supported, only \"gpt2\" and \"llama\"");

        IReadOnlyList<string> spellings = metadata.Texts(Prefix + "tokens");
        TokenTable tokens = ReadTokens(spellings);
        GgufTokenType[] types = ReadTypes(metadata, spellings.Count);
        int? unknown = metadata.Id(Prefix + "unknown_token_id", tokens.Size);
        TokenizerDefinition definition = model == "gpt2" ? Gpt2(metadata, tokens) : Llama(metadata, tokens, types, unknown);
        definition = definition with
        {
            AddedTokens = [.. types.Index().Select(t => Added(t.Index, spellings[t.Index], t.Item)).OfType<AddedToken>()],
            BosTokenId = metadata.Id(Prefix + "bos_token_id", tokens.Size),
            EosTokenId = metadata.Id(Prefix + "eos_token_id", tokens.Size),
            EndOfTurnTokenId = metadata.Id(Prefix + "eot_token_id", tokens.Size),
            PadTokenId = metadata.Id(Prefix + "padding_token_id", tokens.Size),
            UnknownTokenId = unknown,
        };
        return WithSurroundings(definition, metadata, spellings);
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
        return [.. numbers.Index().Select(n => Enum.IsDefined((GgufTokenType)n.Item)
            ? (GgufTokenType)n.Item
            : throw new TokenizerFormatException($"{Prefix}token_type[{n.Index}] is {n.Item}, which is not within 1..6"))];
    }

    private static AddedToken? Added(int id, string content, GgufTokenType type) => type switch
    {
        GgufTokenType.Control or GgufTokenType.Unknown => new AddedToken(id, content, IsSpecial: true),
        GgufTokenType.UserDefined => new AddedToken(id, content),
        _ => null,
    };

    private static TokenizerDefinition Gpt2(GgufMetadata metadata, TokenTable tokens)
    {
        string name = metadata.TextOrNull(Prefix + "pre") ?? "default";
        MergeTable merges = new(1 << 15);
        MergeBuilder builder = new(tokens, merges, Prefix + "merges");
        foreach (string merge in metadata.Texts(Prefix + "merges")) builder.Add(Encoding.UTF8.GetBytes(merge));
        return new TokenizerDefinition
        {
            Tokens = tokens,
            PreTokenizer = GgufPreTokenizers.Create(name),
            Normalizer = GgufPreTokenizers.Normalizer(name),
            Model = new BpeModel(tokens, merges, new BpeOptions(ByteLevel: true, IgnoreMerges: GgufPreTokenizers.IgnoresMerges(name))),
            Decoding = new TokenDecoding { ByteLevel = true },
        };
    }

    private static TokenizerDefinition Llama(GgufMetadata metadata, TokenTable tokens, GgufTokenType[] types, int? unknown)
    {
        IReadOnlyList<float> scores = metadata.Floats(Prefix + "scores", types.Length)
            ?? throw new TokenizerFormatException($"{Prefix}scores is missing");
        ReplaceNormalizer escape = new(" ", "\u2581");
        bool addsSpace = metadata.Flag(Prefix + "add_space_prefix") ?? true;
        return new TokenizerDefinition
        {
            Tokens = tokens,
            Normalizer = addsSpace ? new SequenceNormalizer([new PrependNormalizer("\u2581"), escape]) : escape,
            Model = new BpeModel(
                tokens,
                ScoredMerges.Build(tokens, scores, id => types[id] is GgufTokenType.Normal or GgufTokenType.Unused or GgufTokenType.UserDefined),
                new BpeOptions(ByteLevel: false, ByteFallback: true, UnknownId: unknown ?? -1)),
            Decoding = new TokenDecoding { ByteFallback = true, Replacements = [("\u2581", " ")], StripCount = addsSpace ? 1 : 0 },
        };
    }

    private static TokenizerDefinition WithSurroundings(TokenizerDefinition definition, GgufMetadata metadata, IReadOnlyList<string> spellings)
    {
        bool isLlama3 = metadata.TextOrNull(Prefix + "pre") is { } pre && metadata.Text(Prefix + "model") == "gpt2" && GgufPreTokenizers.AddsBos(pre);
        bool addsBos = metadata.Flag(Prefix + "add_bos_token") ?? (isLlama3 || metadata.Text(Prefix + "model") == "llama");
        bool addsEos = metadata.Flag(Prefix + "add_eos_token") ?? false;
        string? template = metadata.TextOrNull("tokenizer.chat_template");
        string? Spelling(int? id) => id is { } known ? spellings[known] : null;
        return definition with
        {
            Prefix = addsBos && definition.BosTokenId is { } bos ? [bos] : [],
            Suffix = addsEos && definition.EosTokenId is { } eos ? [eos] : [],
            Config = new TokenizerConfig
            {
                BosToken = Spelling(definition.BosTokenId),
                EosToken = Spelling(definition.EosTokenId),
                PadToken = Spelling(definition.PadTokenId),
                UnknownToken = Spelling(definition.UnknownTokenId),
                ChatTemplate = template,
                ChatTemplates = template is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["default"] = template },
            },
        };
    }
}
