using Inference.Text.Tokenizers.Models;
using Inference.Text.Tokenizers.Normalizers;
using Inference.Text.Tokenizers.PreTokenizers;
using Inference.Text.Tokenizers.PreTokenizers.Scanners;

namespace Inference.Text.Tokenizers.Formats;

/// <summary>
/// What a name of tokenizer.ggml.model stands for: "gpt2" (byte-level BPE), "llama" (SentencePiece BPE, whose scores give the order of
/// merges: Llama 2, Mistral, Phi-3, Gemma), "t5" (Unigram) and "bert" (WordPiece).
/// </summary>
internal sealed record GgufModel
{
    private const string Prefix = "tokenizer.ggml.";
    private const char Space = '\u2581';

    public required ITokenModel Model { get; init; }

    public required TokenDecoding Decoding { get; init; }

    public INormalizer? Normalizer { get; init; }

    public IPreTokenizer? PreTokenizer { get; init; }

    /// <summary>Whether the first token goes before a text where the file does not say.</summary>
    public bool AddsBos { get; init; }

    /// <summary>Whether the last token goes behind a text where the file does not say.</summary>
    public bool AddsEos { get; init; }

    /// <exception cref="TokenizerFormatException">The name is not known, or a key is missing or wrong.</exception>
    public static GgufModel Read(GgufMetadata metadata, TokenTable tokens, GgufTokenType[] types, int? unknown) => metadata.Text(Prefix + "model") switch
    {
        "gpt2" => Gpt2(metadata, tokens),
        "llama" => Llama(metadata, tokens, types, unknown ?? -1),
        "t5" => T5(metadata, tokens, types, unknown ?? -1),
        "bert" => Bert(metadata, tokens, unknown ?? -1),
        string other => throw new TokenizerFormatException($"{Prefix}model \"{other}\" is not supported, only \"gpt2\", \"llama\", \"t5\" and \"bert\""),
    };

    private static GgufModel Gpt2(GgufMetadata metadata, TokenTable tokens)
    {
        string name = metadata.TextOrNull(Prefix + "pre") ?? "default";
        MergeTable merges = ReadMerges(tokens, metadata.Texts(Prefix + "merges"));
        return new GgufModel
        {
            PreTokenizer = GgufPreTokenizers.Create(name),
            Normalizer = GgufPreTokenizers.Normalizer(name),
            Model = new BpeModel(tokens, merges, new BpeOptions(ByteLevel: true, IgnoreMerges: GgufPreTokenizers.IgnoresMerges(name))),
            Decoding = new TokenDecoding { ByteLevel = true },
            AddsBos = GgufPreTokenizers.AddsBos(name),
        };
    }

    private static MergeTable ReadMerges(TokenTable tokens, IReadOnlyList<ReadOnlyMemory<byte>> pairs)
    {
        MergeTable merges = new(pairs.Count);
        MergeBuilder builder = new(tokens, merges, Prefix + "merges");
        for (int i = 0; i < pairs.Count; i++) builder.Add(pairs[i].Span);
        return merges;
    }

    private static GgufModel Llama(GgufMetadata metadata, TokenTable tokens, GgufTokenType[] types, int unknown)
    {
        bool addsSpace = metadata.Flag(Prefix + "add_space_prefix") ?? true;
        MergeTable merges = ScoredMerges.Build(tokens, Scores(metadata, types.Length), id => IsText(types[id]));
        return new GgufModel
        {
            Normalizer = new SentencePieceSpaces(addsSpace, metadata.Flag(Prefix + "remove_extra_whitespaces") ?? false),
            Model = new BpeModel(tokens, merges, new BpeOptions(ByteLevel: false, ByteFallback: true, UnknownId: unknown)),
            Decoding = SentencePieceDecoding(addsSpace),
            AddsBos = true,
        };
    }

    private static GgufModel T5(GgufMetadata metadata, TokenTable tokens, GgufTokenType[] types, int unknown)
    {
        bool addsSpace = metadata.Flag(Prefix + "add_space_prefix") ?? true;
        SentencePieceSpaces spaces = new(addsSpace, metadata.Flag(Prefix + "remove_extra_whitespaces") ?? false);
        float[] scores = [.. Scores(metadata, types.Length)];
        for (int id = 0; id < scores.Length; id++)
        {
            if (types[id] == GgufTokenType.UserDefined) scores[id] = 0;
        }

        ReadOnlySpan<byte> map = metadata.Bytes(Prefix + "precompiled_charsmap");
        return new GgufModel
        {
            Normalizer = map.IsEmpty ? spaces : new SequenceNormalizer([new PrecompiledNormalizer(map, Prefix + "precompiled_charsmap"), spaces]),
            Model = new UnigramModel(tokens, scores, id => IsText(types[id]), unknown, byteFallback: types.Contains(GgufTokenType.Byte)),
            Decoding = SentencePieceDecoding(addsSpace),
            AddsEos = true,
        };
    }

    private static GgufModel Bert(GgufMetadata metadata, TokenTable tokens, int unknown) => new()
    {
        Normalizer = new BertNormalizer(
            cleans: true,
            separatesChinese: true,
            metadata.Flag(Prefix + "normalizer.strip_accents") ?? true,
            metadata.Flag(Prefix + "normalizer.lowercase") ?? true),
        PreTokenizer = new SequencePreTokenizer([
            new SplitPreTokenizer(new ClassScanner(CodePoint.IsSpace), SplitBehavior.Removed),
            new SplitPreTokenizer(new ClassScanner(CodePoint.IsPunctuation), SplitBehavior.Isolated)]),
        Model = new WordPieceModel(tokens, new WordPieceOptions(Space.ToString(), "", unknown)),
        Decoding = new TokenDecoding { Replacements = [(Space.ToString(), " ")], StripCount = 1 },
        AddsBos = true,
        AddsEos = metadata.Flag(Prefix + "add_sep_token") ?? true,
    };

    private static IReadOnlyList<float> Scores(GgufMetadata metadata, int count) =>
        metadata.Floats(Prefix + "scores", count) ?? throw new TokenizerFormatException($"{Prefix}scores is missing");

    private static bool IsText(GgufTokenType type) => type is GgufTokenType.Normal or GgufTokenType.Unused or GgufTokenType.UserDefined;

    private static TokenDecoding SentencePieceDecoding(bool addsSpace) =>
        new() { ByteFallback = true, Replacements = [(Space.ToString(), " ")], StripCount = addsSpace ? 1 : 0 };
}
